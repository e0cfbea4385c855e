// Package crm is a client of Zoho's CRM REST API, version 8.
//
// A [Client] makes calls with the tokens of one [oauth.Source]: each call asks
// the Source for a token, goes to the token's own API domain and nowhere else,
// and if Zoho refuses the token it is repeated once with a fresh one. API areas
// are fields of the Client, as in client.Records.List(ctx, "Leads", ...), and
// [Client.Do] makes any call that has no method of its own.
//
// Records are kept as the JSON that Zoho sent ([Record]): unknown fields stay,
// and numbers keep all their digits. A write gives one [Result] for each record
// in the order they were given, and an error if any of them failed.
//
// Errors tell what to do next: test them with errors.Is against [ErrThrottled],
// [ErrDuplicate] and the like, or read an [*Error] with errors.As. No error, and
// no log line, holds a token, a query or an answer's text beyond Zoho's own
// short message.
package crm
