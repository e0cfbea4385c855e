package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
)

// Record is what a run of the script gave.
type Record struct {
	Exchanges []Exchange
	Called    map[string]bool // the methods that were called and succeeded
}

// Run runs the script against a simulator of its own. Its errors are those of the
// script: a method that failed, or did not.
func Run(ctx context.Context) (record Record, err error) {
	zoho := sim.New(sim.Config{Records: 250, BulkTime: -1, Limits: new(sim.NoLimits())})
	web := httptest.NewServer(zoho)
	defer web.Close()
	defer func() { err = errors.Join(err, zoho.Close()) }()
	token, err := connect(ctx, zoho, web.URL)
	if err != nil {
		return Record{}, err
	}
	home, err := dc.Custom(web.URL, web.URL)
	if err != nil {
		return Record{}, err
	}
	tape := &recorder{under: web.Client().Transport}
	c, err := crm.New(crm.Config{
		Source: oauth.StaticSource(token), Directory: dc.Zoho().With(home), HTTPClient: &http.Client{Transport: tape},
		Now: zoho.Now, Retries: -1, MetadataLife: -1,
	})
	if err != nil {
		return Record{}, err
	}
	call := &caller{ctx: ctx, tape: tape, called: map[string]bool{}}
	for _, area := range script() {
		area(call, c)
	}
	return Record{tape.exchanges, call.called}, errors.Join(call.errs...)
}

// connect has a user consent to everything.
func connect(ctx context.Context, zoho *sim.Server, base string) (oauth.Token, error) {
	code, err := zoho.Grant(sim.GrantRequest{User: "alice", Scope: sim.EveryScope})
	if err != nil {
		return oauth.Token{}, err
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"1000.SIM"}, "client_secret": {"sim"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/oauth/v2/token?"+form.Encode(), nil)
	if err != nil {
		return oauth.Token{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return oauth.Token{}, err
	}
	defer resp.Body.Close()
	var answer struct {
		Access string `json:"access_token"`
		Domain string `json:"api_domain"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return oauth.Token{}, err
	}
	if answer.Access == "" {
		return oauth.Token{}, fmt.Errorf("the simulator gave no token: %s", resp.Status)
	}
	return oauth.Token{AccessToken: oauth.NewSecret(answer.Access), APIDomain: answer.Domain}, nil
}
