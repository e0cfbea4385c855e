// Package keys keeps the keys with which package store/sealed encrypts tokens:
// where they come from, how they are made, replaced and thrown away.
//
// # What a key is
//
// A key has a number, its [ID], and two halves under that number: an AES-SIV key
// (RFC 5297) for what is looked up by equality, and an AES-256-GCM key for the
// rest. Both are keys of Tink, in two of Tink's keysets in one JSON document. One
// key is the primary: it seals whatever is written. The others only read what
// they sealed before. Every sealed value begins with the ID of its key.
//
// # Where keys come from
//
//	PATH or file:PATH   a file that only its owner can read
//	env:NAME            an environment variable: the same document in base64
//
// With [Config.Wrap], any AEAD of Tink, the document itself is encrypted: a key
// management service unwraps it once, when a program starts. There is no way to
// open "no keys": an empty source is an error, and never means plain text.
//
// # Replacing a key
//
// [Rotate] adds a new primary to the file; sealed.SealAll seals all rows anew
// with it, while others read and write; [Retire] then throws the old key away.
// Programs that run meanwhile notice the changed file within a second, and at once
// when they meet a value of a key they do not know. While it cannot be read they
// log that once, keep the keys from before, and try again every second. A variable
// does not change under a running program: there, [Add] a key that only reads, give
// the variable to every program, and then [Promote] it and do so again.
//
// Those who change a file take turns by a lock on FILE.lock beside it. They wait
// ten seconds for it, and then say so. One that is killed can leave a file
// .FILE.new-NUMBER with keys beside it, which the next change removes.
//
// A lost key is a lost login for every row that needs it. Keep a copy of the file
// where the tokens' backups are not.
package keys
