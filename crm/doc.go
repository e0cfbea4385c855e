// Package crm is a client of Zoho's CRM REST API, version 8.
//
// A [Client] makes calls with the tokens of one [oauth.Source]: each call asks
// the Source for a token, goes to the token's own API domain and nowhere else,
// and if Zoho refuses the token it is repeated once with a fresh one. API areas
// are fields of the Client, as in client.Records.List(ctx, "Leads", ...), and
// [Client.Do] makes any call that has no method of its own.
//
// Records are kept as the JSON that Zoho sent ([Record]): unknown fields stay,
// and numbers keep all their digits. A [Table] reads and writes them as structs.
// What pages is an iterator, which makes the next call when the loop gets there;
// an error comes after what was read before it, and says how much that was. A
// write gives one [Result] for each record in the order they were given, and an
// error if any of them failed.
//
// Conditions ([Equal], [And] and the like) serve searches, COQL and bulk reads,
// and values in them stay values. Hundreds of thousands of records go by
// [BulkService.Export] and [BulkService.Import].
//
// Towards Zoho the client has manners: a [Limiter] bounds the calls at once,
// methods that only read are repeated when Zoho fails or is busy, with growing
// waits, and nothing that writes is ever repeated, because Zoho has no means to
// tell a repeated write from a second one.
//
// Errors tell what to do next: test them with errors.Is against [ErrThrottled],
// [ErrDuplicate] and the like, or read an [*Error] with errors.As. No error, and
// no log line, holds a token, a query or an answer's text beyond Zoho's own
// short message.
package crm
