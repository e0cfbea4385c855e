// Package oauth is the life of a Zoho token: what a token is, how a store keeps
// it, how Zoho's accounts server issues, renews and revokes it, and the [Keeper]
// that does all of this for a caller who only wants a valid access token.
//
// The words are those of RFC 6749 and of Zoho's own SDKs. A [Store] keeps
// tokens and nothing else; [Accounts] speaks the wire and nothing else; the
// Keeper joins them. Data flows one way: a caller asks a [Source], the Source
// asks the Keeper, the Keeper asks memory, then the store, then Zoho, and saves
// before it answers.
//
// Secrets are values of type [Secret], which print as a fingerprint only. The
// plain text of a token leaves the package through [Token.Row] and
// [Secret.Reveal], and nowhere else.
package oauth
