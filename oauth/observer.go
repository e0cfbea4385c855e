package oauth

import (
	"context"
	"time"
)

// Observer hears what a [Keeper] does. Its method is called where the thing
// happens, by many goroutines at once, so it must be quick; and never for an
// answer from memory, which costs nothing. Package oauth/observe/prometheus has
// one that is ready.
type Observer interface {
	Observe(ctx context.Context, e Event)
}

// EventKind says what happened.
type EventKind string

// The events. A refresh is EventClaim, EventLease, EventSend, EventMint,
// EventSave, EventSaved; who did not get the lease has EventWait and EventAdopt
// instead.
const (
	EventClaim    EventKind = "claim"    // a lease is about to be asked for
	EventLease    EventKind = "lease"    // it was granted, in Duration
	EventWait     EventKind = "wait"     // somebody else had it; Duration was waited
	EventAdopt    EventKind = "adopt"    // a token that somebody else had made is used
	EventSend     EventKind = "send"     // Zoho is about to be asked
	EventMint     EventKind = "mint"     // Zoho issued a token, in Duration
	EventFail     EventKind = "fail"     // Zoho issued none, in Duration; Err says why
	EventThrottle EventKind = "throttle" // the budget is spent, or Zoho says so
	EventReauth   EventKind = "reauth"   // the user must consent again
	EventSave     EventKind = "save"     // a token is about to be saved
	EventSaved    EventKind = "saved"    // it was saved, in Duration; or Err says why not
	EventLogin    EventKind = "login"    // a user logged in
	EventRevoke   EventKind = "revoke"   // a user was revoked at Zoho, in Duration; or Err says why not
)

// Event is one thing that happened. It holds no secret.
type Event struct {
	Kind       EventKind
	UserName   string
	ClientID   string
	Credential string // fingerprint of the refresh token, or of the authorization code
	Duration   time.Duration
	Err        error
}

// observe tells the observer of t.
func (k *Keeper) observe(ctx context.Context, kind EventKind, t Token, took time.Duration, err error) {
	if k.cfg.Observer == nil {
		return
	}
	credential := t.RefreshToken
	if credential.IsZero() {
		credential = t.GrantToken
	}
	k.cfg.Observer.Observe(ctx, Event{Kind: kind, UserName: t.UserName, ClientID: t.ClientID, Credential: credential.Fingerprint(), Duration: took, Err: err})
}
