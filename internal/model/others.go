package main

import "zohocrm/oauth"

// sdk is a program that refreshes as an official SDK does: it reads the row,
// refreshes, and writes, and asks nobody.
type sdk struct {
	at      sdkPoint
	t       row
	sent    int
	refresh int
}

type sdkPoint uint8

const (
	sdkRests sdkPoint = iota
	sdkSends
	sdkSaves
)

// String says what the step does, for a trace.
func (p sdkPoint) String() string {
	return [...]string{"reads the row", "sends its request and is answered", "writes its token"}[p]
}

func (c config) sdkStep(w *world) {
	s := &w.sdk
	switch s.at {
	case sdkRests:
		w.left.sdk--
		s.t, s.at = w.row, sdkSends
	case sdkSends:
		s.at = sdkRests
		if w.refuses(s.t.refresh) != nil {
			break
		}
		w.last++
		w.excess-- // a mint that nobody can prevent
		s.sent, s.refresh, s.at = w.last, w.mint(s.t.refresh, c), sdkSaves
	case sdkSaves:
		s.at = sdkRests
		if w.row.there { // an update of a row that is gone changes none
			w.row = row{there: true, refresh: s.refresh, access: s.sent}
		}
	}
}

// revoker is a program that revokes the user.
type revoker struct {
	at revokePoint
	t  row
}

type revokePoint uint8

const (
	revokeRests revokePoint = iota
	revokeRead
	revokeMark
	revokeTell
	revokeTold
	revokeNotTold
	revokeDelete
	revokeAgain // the row changed: it is about to be read again
)

// String says what the step does, for a trace.
func (p revokePoint) String() string {
	return [...]string{
		"rests", "reads the row", "marks the credential", "tells Zoho", "marks that Zoho was told",
		"marks that Zoho was not told", "deletes the row", "reads the row again",
	}[p]
}

func (c config) revokeStep(w *world) {
	r := &w.revoker
	withdraw := func(err error) {
		s := &w.standings[r.t.refresh]
		*s = s.Settle(oauth.Lease{}, oauth.Outcome{Kind: oauth.Withdrawn, Err: err}, at(w.now))
	}
	switch r.at {
	case revokeRead:
		r.t, r.at = w.row, revokeMark
		if !w.row.there {
			r.at = revokeRests
		}
	case revokeMark:
		withdraw(nil)
		r.at = revokeTell
	case revokeTell:
		w.zoho.dead[r.t.refresh] = true
		r.at = revokeTold
	case revokeTold:
		withdraw(nil)
		r.at = revokeDelete
	case revokeNotTold:
		withdraw(oauth.ErrUnreachable)
		r.at = revokeRests
	case revokeDelete:
		r.at = revokeAgain
		if w.row == r.t {
			w.row, r.at = row{}, revokeRests
		}
	case revokeAgain:
		r.at = revokeDelete
		if !w.row.there || w.row.refresh != r.t.refresh {
			r.at = revokeRests // gone, or logged in again
		}
		r.t = w.row
	}
}
