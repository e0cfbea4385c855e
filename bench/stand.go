package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
)

// asSimulator, as the first argument, makes this program a simulator: a client
// that is measured shall not share a heap with the server.
const asSimulator = "simulator"

// stock is how many leads each user's organisation has, the first line that a
// simulator reads.
type stock map[string]int

// opened is its answer.
type opened struct {
	URL   string
	Codes map[string]string // by user: a grant code
}

// simulate is a simulator without limits, until its input ends.
func simulate(ctx context.Context, in io.Reader, out io.Writer) error {
	var want stock
	lines := json.NewDecoder(in)
	if err := lines.Decode(&want); err != nil {
		return err
	}
	limits := sim.NoLimits()
	s := sim.New(sim.Config{Records: -1, Limits: &limits, BulkTime: -1})
	o := opened{Codes: map[string]string{}}
	for user, leads := range want {
		if _, _, err := s.Seed(user, "Leads", leads); err != nil {
			return err
		}
		code, err := s.Grant(sim.GrantRequest{User: user, Scope: sim.EveryScope})
		if err != nil {
			return err
		}
		o.Codes[user] = code
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	o.URL = "http://" + l.Addr().String()
	web := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }()
	err = json.NewEncoder(out).Encode(o)
	if err == nil {
		if _, err = in.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	err = errors.Join(err, s.Close(), web.Close())
	if end := <-ended; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// stand is a simulator in a process of its own, and its users' tokens.
type stand struct {
	url    string
	home   dc.DataCenter
	tokens map[string]oauth.Token
}

// stand starts one; the tokens are saved in store.
func (k *kit) stand(ctx context.Context, store oauth.Store, want stock) (*stand, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := k.spawn(ctx, self, asSimulator)
	if err != nil {
		return nil, err
	}
	var o opened
	if err := p.ask(want, &o); err != nil {
		return nil, err
	}
	home, err := dc.Custom(o.URL, o.URL)
	if err != nil {
		return nil, err
	}
	s := &stand{url: o.URL, home: home, tokens: map[string]oauth.Token{}}
	keep, err := keeper(store, o.URL, func() time.Duration { return 0 }, nil)
	if err != nil {
		return nil, err
	}
	for user, code := range o.Codes {
		t, err := keep.Connect(ctx, oauth.Login{Token: oauth.Token{
			UserName: user, ClientID: clientID, ClientSecret: oauth.NewSecret(clientSecret), GrantToken: oauth.NewSecret(code),
		}})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s cannot log in: %w", user, err), keep.Close())
		}
		s.tokens[user] = t
	}
	return s, keep.Close()
}

// client is ours, for one user.
func (s *stand) client(user string) (*crm.Client, error) {
	return listerClient(s.url, s.tokens[user].AccessToken)
}

func listerClient(url string, access oauth.Secret) (*crm.Client, error) {
	home, err := dc.Custom(url, url)
	if err != nil {
		return nil, err
	}
	return crm.New(crm.Config{
		Source: oauth.StaticSource(oauth.Token{AccessToken: access, APIDomain: url}), Directory: dc.Zoho().With(home),
	})
}
