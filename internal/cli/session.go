package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// session is an opened store with a Keeper over it. Close it.
type session struct {
	wire
	app    *app
	store  *open.Store
	keeper *oauth.Keeper
}

// openStore opens the store alone, for commands that do not talk to Zoho.
func (a *app) openStore(ctx context.Context) (*open.Store, error) {
	if a.set.storeURL == "" {
		return nil, sayf("%v: say where with --store or ZCRM_STORE", errNoHome)
	}
	if a.set.storeFolder != "" {
		if err := makeFolder(a.set.storeFolder); err != nil {
			return nil, advise(fmt.Errorf("the folder of the default store cannot be made: %w", err), "choose another place with --store")
		}
	}
	return a.openURL(ctx, a.set.storeURL)
}

// openSession opens the store and prepares what talks to Zoho. Nothing is sent.
func (a *app) openSession(ctx context.Context) (*session, error) {
	w, err := a.newWire()
	if err != nil {
		return nil, err
	}
	store, err := a.openStore(ctx)
	if err != nil {
		return nil, err
	}
	record, err := a.record()
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	var observer oauth.Observer // not record: a nil *Log in an interface is not nil
	if record != nil {
		observer = record
	}
	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{
		Store:       store,
		Observer:    observer,
		Accounts:    w.accounts,
		DataCenter:  a.set.home,
		Environment: a.set.environment,
		NameUser:    w.nameUser,
		// A login takes one request to the accounts server and some work of the
		// store; asking for the name is bounded by the Keeper itself.
		Timeout: 2*a.set.timeout + 10*time.Second,
		// A command ends soon; it does not make its user wait for the next one's token.
		Ahead:  -1,
		Logger: w.log,
	})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &session{wire: w, app: a, store: store, keeper: keeper}, nil
}

// patience is how long an interrupted command waits before it says so.
const patience = 300 * time.Millisecond

// close waits for what is under way, also after an interrupt, and closes the
// store. That a refreshed token could not be saved is told as a warning: the
// command has done its work with it.
func (s *session) close(ctx context.Context) {
	waiting := time.AfterFunc(patience, func() {
		if ctx.Err() != nil {
			s.app.tell("zcrm: waiting up to %s for Zoho's answer, so that no token is lost; interrupt again to leave at once", s.timeout)
		}
	})
	err := s.keeper.Close()
	waiting.Stop()
	if err != nil {
		s.app.tell("zcrm: warning: %v; mend the store, or each use asks Zoho for another token", err)
	}
	s.http.CloseIdleConnections()
	if err := s.store.Close(); err != nil {
		s.app.tell("zcrm: warning: the store did not close well: %v", err)
	}
}
