// Package sealed encrypts the secrets of any [oauth.Store]: whoever reads the
// file, the table, its log or its backup without the keys learns who has a token
// and when it ends, and no token.
//
// # What is sealed
//
// The refresh, access and grant token with AES-SIV (RFC 5297), the name of the
// column being associated data. Equal tokens are equal when sealed, so the inner
// store finds them by equality as it always did. The client secret with AES-GCM;
// user name, client ID and the three other sealed cells are its associated data,
// so it also vouches for them: a cell that was moved here from another row or
// column, and a row that was given to another user, are [oauth.ErrCorrupt]. An
// empty client secret is sealed too, for that reason. A sealed cell is
// "sealed1." and base64url; one of 150 bytes has 252 characters.
//
// Not sealed are ID, user name, client ID, expiry, redirect URL, API domain and
// the side data; nor is it noticed that a row as a whole was put back to an older
// state, was deleted, or was given another ID. Anybody can see that two rows have
// the same token.
//
// # Plain rows
//
// A row that is plain as a whole is read as it is, and sealed when it is next
// saved, so a running installation migrates by itself; [SealAll] does it at once.
// After that, [Config.RefusePlain] or keys.RefusePlain turn a plain row into
// [oauth.ErrCorrupt], which keeps whoever can write to the store, and has no key,
// from putting a row of his own there. A row that is half plain and half sealed is
// ErrCorrupt at any time.
//
// All programs that use a store need its keys. The official SDKs cannot read
// sealed rows.
//
// # How it is saved
//
// Save reads the row, lays the token over it by the rules of the contract, seals
// the whole row, and saves it by the inner store's Version, again from the start
// if somebody else was quicker. A new row, and a nameless row that is given its
// name, must not be laid over a row that somebody else just made, which Version
// cannot say. The contract has one rule that does: without a Version no row is
// moved to another API domain. So each time a row is written its api_domain ends
// in "#" and ten random digits; it is cut off when the row is read.
//
// Rows that were opened are remembered, 16,384 at the most, so that Find opens only
// what has changed; each Find still reads its row.
//
// The outer Version is the inner one, so it changes when a row is sealed or sealed
// anew. Side data are kept by the inner store under the sealed token; they are
// carried over when that becomes another one. What a [oauth.Coordinator] keeps has
// the plain token's [oauth.Token.SideKey], which no key changes.
package sealed
