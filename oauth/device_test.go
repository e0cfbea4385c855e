package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

var deviceClient = oauth.Token{ClientID: clientID, ClientSecret: oauth.NewSecret("sim")}

// centers are the simulator's "us" and "eu" as two data centres of a directory.
func centers(t *testing.T, base string) (us, eu dc.DataCenter, all dc.Directory) {
	t.Helper()
	us, err := dc.Custom(base, "")
	if err != nil {
		t.Fatal(err)
	}
	if eu, err = dc.Custom(base+"/eu", ""); err != nil {
		t.Fatal(err)
	}
	us.Location, eu.Location = "us", "eu"
	return us, eu, dc.Zoho().With(us).With(eu)
}

// deviceBubble is a bubble with Zoho's limits and an Accounts in it.
func deviceBubble(t *testing.T, f func(b *bubble, a *oauth.Accounts, eu dc.DataCenter)) {
	t.Helper()
	us, eu, all := centers(t, "http://127.0.0.1:1")
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{T: t, sim: sim.New(sim.Config{Records: -1}), home: us, store: memory.New(memory.Config{}), log: &lockedBuffer{}}
		f(b, oauth.NewAccounts(oauth.AccountsConfig{Directory: all, HTTPClient: &http.Client{Transport: b}}), eu)
		if err := b.sim.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (b *bubble) ask(a *oauth.Accounts) oauth.DeviceAuth {
	b.Helper()
	d, err := a.DeviceAuth(b.Context(), oauth.DeviceAuthRequest{AccountsURL: b.home.AccountsURL, ClientID: clientID, Scopes: []string{"ZohoCRM.org.READ"}})
	if err != nil {
		b.Fatal(err)
	}
	return d
}

func (b *bubble) answer(d oauth.DeviceAuth, user string) {
	b.Helper()
	if err := b.sim.AnswerDevice(d.UserCode, user); err != nil {
		b.Fatal(err)
	}
}

func TestDeviceFlowWaitsForTheUser(t *testing.T) {
	deviceBubble(t, func(b *bubble, a *oauth.Accounts, _ dc.DataCenter) {
		began := time.Now()
		d := b.ask(a)
		if d.Interval != 30*time.Second || !d.Expiry.Equal(began.Add(5*time.Minute)) || len(d.UserCode) != 9 ||
			!strings.HasPrefix(d.VerificationURIComplete, d.VerificationURI+"?code=") {
			t.Errorf("Zoho's milliseconds were misread, or a field is missing: %+v", d)
		}
		go func() {
			time.Sleep(100 * time.Second)
			b.answer(d, "alice")
		}()
		got, err := a.DeviceAccessToken(b.Context(), deviceClient, d)
		if err != nil || got.Issued.RefreshToken.IsZero() || got.DataCenter != b.home {
			t.Fatalf("%+v %v", got.DataCenter, err)
		}
		// Polls at 30, 60, 90 and 120 s: none too early, so none was told to slow down.
		if took := time.Since(began); took != 2*time.Minute {
			t.Errorf("it took %s", took)
		}
		if n := b.sim.Counters().TokenRequests; n != 4 {
			t.Errorf("%d polls", n)
		}
	})
}

func TestDeviceFlowFollowsTheDataCentre(t *testing.T) {
	deviceBubble(t, func(b *bubble, a *oauth.Accounts, eu dc.DataCenter) {
		d := b.ask(a)
		b.answer(d, "erik")
		got, err := a.DeviceAccessToken(b.Context(), deviceClient, d)
		if err != nil || got.DataCenter != eu || got.Issued.APIDomain != "http://127.0.0.1:1/eu" {
			t.Errorf("%+v %v", got.DataCenter, err)
		}
	})
	// A stand-in for Zoho knows no other data centre: Zoho's is not asked.
	inBubble(t, func(b *bubble) {
		var hosts []string
		spy := transportFunc(func(r *http.Request) (*http.Response, error) {
			hosts = append(hosts, r.URL.Host)
			return b.RoundTrip(r)
		})
		a := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(b.home), HTTPClient: &http.Client{Transport: spy}})
		d := b.ask(a)
		b.answer(d, "erik")
		_, err := a.DeviceAccessToken(b.Context(), deviceClient, d)
		if !errors.Is(err, dc.ErrUntrusted) || !strings.Contains(err.Error(), `"eu"`) {
			t.Error(err)
		}
		for _, host := range hosts {
			if host != "127.0.0.1:1" {
				t.Errorf("a secret went to %s", host)
			}
		}
	})
}

func TestDeviceFlowEnds(t *testing.T) {
	deviceBubble(t, func(b *bubble, a *oauth.Accounts, _ dc.DataCenter) {
		refused := b.ask(a)
		b.answer(refused, "deny")
		if _, err := a.DeviceAccessToken(b.Context(), deviceClient, refused); !errors.Is(err, oauth.ErrConsentRefused) {
			t.Errorf("refused: %v", err)
		}
		late, began := b.ask(a), time.Now()
		if _, err := a.DeviceAccessToken(b.Context(), deviceClient, late); !errors.Is(err, oauth.ErrDeviceExpired) || time.Since(began) > 5*time.Minute {
			t.Errorf("expired: %v after %s", err, time.Since(began))
		}
		left := b.ask(a)
		ctx, cancel := context.WithTimeout(b.Context(), 40*time.Second)
		defer cancel()
		if _, err := a.DeviceAccessToken(ctx, deviceClient, left); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("interrupted: %v", err)
		}
		wrong := oauth.Token{ClientID: clientID, ClientSecret: oauth.NewSecret("other")}
		if _, err := a.DeviceAccessToken(b.Context(), wrong, b.ask(a)); !errors.Is(err, oauth.ErrClientConfig) {
			t.Errorf("wrong secret: %v", err)
		}
		if _, err := a.DeviceAccessToken(b.Context(), deviceClient, oauth.DeviceAuth{AccountsURL: "https://accounts.zoho.example"}); !errors.Is(err, dc.ErrUntrusted) {
			t.Errorf("unknown host: %v", err)
		}
	})
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// polls answers the polls one after the other and notes when they came.
func polls(t *testing.T, bodies ...string) (a *oauth.Accounts, d oauth.DeviceAuth, at *[]time.Duration) {
	t.Helper()
	us, _, all := centers(t, "http://127.0.0.1:1")
	began, at := time.Now(), new([]time.Duration)
	a = oauth.NewAccounts(oauth.AccountsConfig{Directory: all, HTTPClient: &http.Client{Transport: transportFunc(func(*http.Request) (*http.Response, error) {
		*at = append(*at, time.Since(began))
		body := bodies[min(len(*at), len(bodies))-1]
		if body == "" {
			return nil, errors.New("cut")
		}
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	})}})
	return a, oauth.DeviceAuth{AccountsURL: us.AccountsURL, DeviceCode: oauth.NewSecret("PLANTED-code"), Interval: 5 * time.Second, Expiry: began.Add(time.Hour)}, at
}

// RFC 8628 section 3.5: slow_down adds five seconds for good, and a server that
// does not answer is asked ever more rarely.
func TestDevicePollsKeepTheirDistance(t *testing.T) {
	for _, c := range []struct {
		name   string
		bodies []string
		want   string
	}{
		{"slow_down", []string{`{"error":"slow_down"}`, `{"error":"authorization_pending"}`, `{"access_token":"x","expires_in":3600}`}, "[5s 15s 25s]"},
		{"no answer", []string{"", "", `<html>`, `{"access_token":"x"}`}, "[5s 15s 35s 1m15s]"},
		{"moves", []string{`{"error":"other_dc","user_location":"eu"}`, `{"error":"authorization_pending"}`, `{"access_token":"x"}`}, "[5s 5s 10s]"},
		{"an older name", []string{`{"error":"other_dc","dc":"EU"}`, `{"access_token":"x"}`}, "[5s 5s]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, d, at := polls(t, c.bodies...)
				if _, err := a.DeviceAccessToken(t.Context(), deviceClient, d); err != nil {
					t.Fatal(err)
				}
				if got := fmt.Sprint(*at); got != c.want {
					t.Errorf("polls at %s, want %s", got, c.want)
				}
			})
		})
	}
}

// Two data centres that send a device to each other do not keep it busy.
func TestDeviceIsNotSentInCircles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, d, at := polls(t, `{"error":"other_dc","user_location":"eu"}`, `{"error":"other_dc","user_location":"us"}`, `{"error":"other_dc","user_location":"eu"}`)
		_, err := a.DeviceAccessToken(t.Context(), deviceClient, d)
		if err == nil || len(*at) != 3 || strings.Contains(err.Error(), "PLANTED") {
			t.Errorf("%v after %d polls", err, len(*at))
		}
	})
}

func TestDeviceAnswersAreChecked(t *testing.T) {
	const good = `"user_code":"A","device_code":"PLANTED-code","verification_url":"https://zoho.com/device"`
	for body, want := range map[string]struct {
		interval, life time.Duration
		class          error
	}{
		`{` + good + `,"interval":30000,"expires_in":300000}`: {interval: 30 * time.Second, life: 5 * time.Minute},
		`{` + good + `,"interval":30,"expires_in":300}`:       {interval: 30 * time.Second, life: 5 * time.Minute},
		`{` + good + `,"interval":"30","expires_in":"300"}`:   {interval: 30 * time.Second, life: 5 * time.Minute},
		`{` + good + `}`: {interval: 30 * time.Second, life: time.Hour},
		`{` + good + `,"interval":-1,"expires_in":9e99}`:              {interval: 30 * time.Second, life: time.Hour},
		`{` + good + `,"interval":99999,"expires_in":86000}`:          {interval: time.Hour, life: time.Hour},
		`{"user_code":"A","device_code":"PLANTED-code"}`:              {class: oauth.ErrOutcomeUnknown},
		strings.Replace(`{`+good+`}`, "https://", "file://", 1):       {class: oauth.ErrOutcomeUnknown},
		strings.Replace(`{`+good+`}`, "https://", "http://", 1):       {class: oauth.ErrOutcomeUnknown},
		`{` + strings.Replace(good, "/device", `/\u001b[2J`, 1) + `}`: {class: oauth.ErrOutcomeUnknown},
		`{"user_code":1}`:            {class: oauth.ErrOutcomeUnknown},
		`<html>`:                     {class: oauth.ErrOutcomeUnknown},
		`{"error":"invalid_client"}`: {class: oauth.ErrClientConfig},
		`{"error":"access_denied"}`:  {class: oauth.ErrThrottled},
	} {
		a, home := server(t, http.StatusOK, "application/json", body)
		d, err := a.DeviceAuth(t.Context(), oauth.DeviceAuthRequest{AccountsURL: home.AccountsURL, ClientID: "c"})
		life := time.Until(d.Expiry).Round(5 * time.Second)
		switch {
		case want.class != nil && (!errors.Is(err, want.class) || strings.Contains(err.Error(), "PLANTED")):
			t.Errorf("%s: %v", body, err)
		case want.class == nil && (err != nil || d.Interval != want.interval || life != want.life):
			t.Errorf("%s: %v, interval %s, life %s", body, err, d.Interval, life)
		}
	}
}

// issuedTo runs the device flow against a rig's simulator.
func (r *rig) issuedTo(user string) oauth.DeviceConsent {
	r.Helper()
	a := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(r.home), Now: r.sim.Now})
	d, err := a.DeviceAuth(r.ctx, oauth.DeviceAuthRequest{
		AccountsURL: r.home.AccountsURL, ClientID: clientID, Scopes: []string{"ZohoCRM.modules.ALL", "ZohoCRM.users.READ", "ZohoCRM.org.READ"},
	})
	if err != nil {
		r.Fatal(err)
	}
	if err := r.sim.AnswerDevice(d.UserCode, user); err != nil {
		r.Fatal(err)
	}
	d.Interval = time.Millisecond // the user has consented already
	consent, err := a.DeviceAccessToken(r.ctx, deviceClient, d)
	if err != nil {
		r.Fatal(err)
	}
	return consent
}

func TestIssuedTokensAreConnected(t *testing.T) {
	r := newRig(t, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) {
		k.NameUser = func(context.Context, oauth.Token) (string, error) { return "alice@example.com:10001", nil }
	})
	login := oauth.Login{Token: deviceClient}
	login.Token.AccountsURL = r.home.AccountsURL
	got, err := r.keeper.ConnectIssued(r.ctx, login, r.issuedTo("alice").Issued)
	if err != nil || got.UserName != "alice@example.com:10001" || got.APIDomain != r.sim.URL || got.ID == "" {
		t.Fatalf("%v %v", got, err)
	}
	r.wantMints(1, 0) // saved as it came
	r.sim.Advance(2 * time.Hour)
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: got.UserName}); err != nil {
		t.Errorf("it is not renewed: %v", err)
	}
	r.wantMints(1, 1)

	// What lacks a token, or comes from nowhere, is not saved.
	if _, err := r.keeper.ConnectIssued(r.ctx, login, oauth.Issued{}); !errors.Is(err, oauth.ErrIncompleteKey) {
		t.Error(err)
	}
	login.Token.AccountsURL = "https://accounts.zoho.example"
	if _, err := r.keeper.ConnectIssued(r.ctx, login, oauth.Issued{AccessToken: oauth.NewSecret("x")}); !errors.Is(err, dc.ErrUntrusted) {
		t.Error(err)
	}
	if n := len(r.all()); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// A login by device under another person's name is undone, at Zoho too.
func TestIssuedTokensOfAnotherPersonAreRevoked(t *testing.T) {
	who := "alice@example.com:10001"
	r := newRig(t, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) {
		k.NameUser = func(context.Context, oauth.Token) (string, error) { return who, nil }
	})
	r.connect("alice", "alice@example.com:10001")
	who = "bob@example.com:10002"
	login := oauth.Login{Token: deviceClient}
	login.Token.AccountsURL, login.Token.UserName = r.home.AccountsURL, "alice@example.com:10001"
	consent := r.issuedTo("bob")
	if _, err := r.keeper.ConnectIssued(r.ctx, login, consent.Issued); !errors.Is(err, oauth.ErrMismatch) {
		t.Fatal(err)
	}
	if n := r.sim.Counters().Revokes; n != 1 || len(r.all()) != 1 {
		t.Errorf("%d revocations, %d rows", n, len(r.all()))
	}
}

func TestAnUnsavedDeviceLoginCarriesItsToken(t *testing.T) {
	r, h := newHooked(t)
	consent := r.issuedTo("alice")
	login := oauth.Login{Token: deviceClient}
	login.Token.AccountsURL = r.home.AccountsURL
	h.away()
	_, err := r.keeper.ConnectIssued(r.ctx, login, consent.Issued)
	h.back()
	var unsaved *oauth.UnsavedError
	if !errors.As(err, &unsaved) || unsaved.Token.RefreshToken != consent.Issued.RefreshToken {
		t.Error(err)
	}
}

func ExampleAccounts_DeviceAccessToken() {
	server := sim.New(sim.Config{Limits: &sim.Limits{DevicePoll: 50 * time.Millisecond, DeviceLife: 5 * time.Minute}})
	defer server.Close()
	web := httptest.NewServer(server)
	defer web.Close()
	home, _ := dc.Custom(web.URL, "")
	accounts := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home)})

	ctx := context.Background()
	device, err := accounts.DeviceAuth(ctx, oauth.DeviceAuthRequest{
		AccountsURL: home.AccountsURL, ClientID: "1000.SIM", Scopes: []string{"ZohoCRM.modules.ALL"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	// Show device.VerificationURI and device.UserCode. Here somebody is quick:
	_ = server.AnswerDevice(device.UserCode, "alice")

	consent, err := accounts.DeviceAccessToken(ctx, oauth.Token{ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim")}, device)
	fmt.Println(!consent.Issued.RefreshToken.IsZero(), consent.DataCenter.Location, err)
	// Output: true custom <nil>
}
