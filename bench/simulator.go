package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
)

// The simulator's client.
const (
	clientID     = "1000.SIM"
	clientSecret = "sim"
)

// postTime is how long the simulator takes to answer a refresh, where that matters.
const postTime = 300 * time.Millisecond

// simulator is Zoho's simulator on a port of its own.
type simulator struct {
	*sim.Server
	url string
}

func (k *kit) simulator(ctx context.Context) (*simulator, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &simulator{sim.New(sim.Config{}), "http://" + l.Addr().String()}
	web := &http.Server{Handler: s.Server, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }()
	k.later(func() error {
		err := errors.Join(s.Close(), web.Close()) // in this order: the second waits for what the first ends
		if end := <-ended; !errors.Is(end, http.ErrServerClosed) {
			err = errors.Join(err, end)
		}
		return err
	})
	return s, nil
}

// slow makes the next answer to a refresh take its time.
func (s *simulator) slow() {
	s.Inject(sim.Fault{Kind: sim.FaultDelay, Match: "refresh", Delay: postTime})
}

// keeper keeps the simulator's tokens in a store. ahead is how far the simulator's
// clock was moved.
func keeper(store oauth.Store, simURL string, ahead func() time.Duration, observer oauth.Observer) (*oauth.Keeper, error) {
	home, err := dc.Custom(simURL, simURL)
	if err != nil {
		return nil, err
	}
	return oauth.NewKeeper(oauth.KeeperConfig{
		Store: store, DataCenter: home, ClockOffset: ahead, Observer: observer,
		Ahead: -1, // each expiry is one that is measured, and nothing may come before it
		Accounts: oauth.NewAccounts(oauth.AccountsConfig{
			Directory: dc.Zoho().With(home), Now: func() time.Time { return time.Now().Add(ahead()) },
		}),
	})
}

// login connects a user.
func (s *simulator) login(ctx context.Context, store oauth.Store) (t oauth.Token, err error) {
	k, err := keeper(store, s.url, func() time.Duration { return 0 }, nil)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	code, err := s.Grant(sim.GrantRequest{User: "alice"})
	if err != nil {
		return t, err
	}
	return k.Connect(ctx, oauth.Login{Token: oauth.Token{
		UserName: "alice@example.com:10001", ClientID: clientID, ClientSecret: oauth.NewSecret(clientSecret), GrantToken: oauth.NewSecret(code),
	}})
}
