// Package check examines a token store and says what is wrong with it, or soon
// will be, and what to do about it: tokens that nothing can renew, rows that an
// official SDK left twice or cannot read, a store that cannot be written, a file
// that others can read.
//
// [Run] reads the store once and combines three sources: what the tokens show,
// what the store knows of itself if it is an [Inspector], and whether a Save
// would work if it is an [oauth.Prober]. It works on any [oauth.Store], also on
// one that wraps another. It changes nothing, and nothing that it says holds a
// secret.
//
// A finding has a [Severity], a code for programs, one line of text and a remedy.
// Findings of one kind are one finding, with some of the tokens as examples:
// a store of a hundred thousand tokens has as many lines as one of ten.
package check
