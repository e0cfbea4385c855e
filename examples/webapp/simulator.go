package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
)

// simulator is Zoho in this process: consent page, accounts server and CRM, on a
// port of their own, as another site.
type simulator struct {
	*sim.Server
	web   *http.Server
	ended chan struct{}
}

// startSimulator starts it, with two people who have leads, and sets up cfg for it.
func startSimulator(ctx context.Context, cfg *config) (_ *simulator, err error) {
	cfg.client.ClientID, cfg.client.ClientSecret = "1000.SIM", oauth.NewSecret("sim")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the simulator cannot listen: %w", err)
	}
	s := &simulator{ended: make(chan struct{}), Server: sim.New(sim.Config{
		Clients: []sim.Client{{ID: "1000.SIM", Secret: "sim", RedirectURLs: []string{cfg.client.RedirectURL}}},
		Users: []sim.User{
			{Email: "alice@example.com", LastName: "Moreau", ZGID: "10001"},
			{Email: "bob@example.com", LastName: "Okafor", ZGID: "10002"},
		},
		Records: -1, // theirs come below
	})}
	s.web = &http.Server{Handler: s.Server, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute}
	go func() {
		defer close(s.ended)
		_ = s.web.Serve(listener) // ends with Close
	}()
	if cfg.home, err = dc.Custom("http://"+listener.Addr().String(), ""); err == nil {
		err = s.fill(ctx, *cfg)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends it and waits until it has.
func (s *simulator) Close() {
	_ = s.Server.Close()
	_ = s.web.Close()
	<-s.ended
}

// fill gives each of the two leads of their own, as a person with a token would.
func (s *simulator) fill(ctx context.Context, cfg config) error {
	directory := dc.Zoho().With(cfg.home)
	accounts := oauth.NewAccounts(oauth.AccountsConfig{Directory: directory})
	for user, leads := range map[string][]sampleLead{"alice": aliceLeads(), "bob": bobLeads()} {
		code, err := s.Grant(sim.GrantRequest{User: user, RedirectURL: cfg.client.RedirectURL, Scope: "ZohoCRM.modules.ALL"})
		if err != nil {
			return err
		}
		t := cfg.client
		t.GrantToken, t.AccountsURL = oauth.NewSecret(code), cfg.home.AccountsURL
		issued, err := accounts.Exchange(ctx, t, oauth.Secret{})
		if err != nil {
			return err
		}
		t.AccessToken, t.APIDomain = issued.AccessToken, issued.APIDomain
		client, err := crm.New(crm.Config{Source: oauth.StaticSource(t), Directory: directory})
		if err != nil {
			return err
		}
		if _, err := client.Records.Insert(ctx, "Leads", leads, nil); err != nil {
			return err
		}
	}
	return nil
}
