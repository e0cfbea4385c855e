package cli

import (
	"fmt"

	"zohocrm/oauth"
	"zohocrm/oauth/observe/audit"
)

// record opens the audit record of the settings, once; nil without --audit.
func (a *app) record() (*audit.Log, error) {
	if a.set.audit == "" || a.audit != nil {
		return a.audit, nil
	}
	l, err := audit.Open(audit.Config{Path: a.set.audit, Now: a.now, Logger: a.logger()})
	if err != nil {
		return nil, advisedError{err} // says what it must be
	}
	a.audit = l
	return l, nil
}

// note puts on record what is about to be done. If that fails it is not to be done.
func (a *app) note(e audit.Entry) error {
	l, err := a.record()
	if err != nil || l == nil {
		return err
	}
	if err := l.Record(e); err != nil {
		return advise(fmt.Errorf("the audit record cannot be written: %w", err), "make room for it, or give another file with --audit")
	}
	return nil
}

// ended puts on record how something ended that is there as about to be done. It is
// done: that its end cannot be put there is a warning.
func (a *app) ended(e audit.Entry, err error) {
	e.Ended, e.Err = true, err
	if err := a.note(e); err != nil {
		a.tell("zcrm: warning: %v", err)
	}
}

// entryOf is what is put on record of one token.
func (a *app) entryOf(kind oauth.EventKind, t oauth.Token) audit.Entry {
	credential := t.RefreshToken
	if credential.IsZero() {
		credential = t.GrantToken
	}
	return audit.Entry{
		Event: oauth.Event{Kind: kind, UserName: t.UserName, ClientID: t.ClientID, Credential: credential.Fingerprint()},
		Store: a.storeName(),
	}
}

// shown puts on record that secrets of a token are about to be handed out. If that
// fails they are not.
func (a *app) shown(t oauth.Token) error { return a.note(a.entryOf(audit.Shown, t)) }

// onRecord does something that is on record first, and says there if it fails.
func (a *app) onRecord(e audit.Entry, do func() error) error {
	if err := a.note(e); err != nil {
		return err
	}
	err := do()
	if err != nil {
		a.ended(e, err)
	}
	return err
}
