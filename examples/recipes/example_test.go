package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/examples/recipes"
	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/open"
)

func ctx() context.Context { return context.Background() }

func ExampleTenants() {
	zoho := newStandIn()
	defer zoho.Close()
	service, err := recipes.NewTenants(zoho.config(memory.New(memory.Config{})))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()
	for tenant, user := range map[string]string{"acme": "alice", "globex": "bob"} {
		login := oauth.Login{Token: oauth.Token{GrantToken: zoho.code(user, "")}} // of the redirect, with its Verifier
		if err := service.Connect(ctx(), tenant, login); err != nil {
			fmt.Println(err)
		}
	}
	show := func(tenant string) {
		client, err := service.Client(ctx(), tenant)
		if err != nil {
			fmt.Println(err)
			return
		}
		org, err := client.CRM.Org.Get(ctx())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(tenant, "is", client.User.UserName, "of organisation", org.ZGID)
	}
	show("acme")
	show("globex")
	show("initech")
	fmt.Println(service.Disconnect(ctx(), "acme"))
	show("acme")
	show("globex")
	// Output:
	// acme is alice@example.com:10001 of organisation 10001
	// globex is bob@example.com:10002 of organisation 10002
	// the tenant has not connected Zoho: "initech"
	// <nil>
	// the tenant has not connected Zoho: "acme"
	// globex is bob@example.com:10002 of organisation 10002
}

func ExampleNightly() {
	zoho := newStandIn()
	defer zoho.Close()
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	store, err := open.URL(ctx(), "sqlite:"+filepath.Join(folder, "tokens.db"), open.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	cfg := zoho.config(store)
	cfg.Token.UserName = zoho.connected(store, "").UserName // the program zcrm has logged her in, once
	since := time.Time{}
	for range 2 {
		changed := 0
		since, err = recipes.Nightly(ctx(), cfg, since, func(crm.Record) error { changed++; return nil })
		fmt.Println(changed, "leads,", "exit code", recipes.ExitCode(err))
		since = since.Add(time.Hour) // as if it were a day later
	}
	fmt.Println("tokens asked of Zoho:", zoho.Counters().Exchanges+zoho.Counters().Refreshes)

	cfg.Token.UserName = "nobody@example.com:1"
	_, err = recipes.Nightly(ctx(), cfg, since, nil)
	fmt.Println("an unknown user: exit code", recipes.ExitCode(err))
	// Output:
	// 25 leads, exit code 0
	// 0 leads, exit code 0
	// tokens asked of Zoho: 1
	// an unknown user: exit code 78
}

func ExampleFunction() {
	zoho := newStandIn()
	defer zoho.Close()
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	database := "sqlite:" + filepath.Join(folder, "tokens.db") // with a real platform postgres:// or redis://
	for instance := range 3 {
		store, err := open.URL(ctx(), database, open.Config{}) // when the instance starts
		if err != nil {
			fmt.Println(err)
			return
		}
		cfg := zoho.config(store)
		cfg.HTTPClient = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
		cfg.Token.UserName = "alice@example.com:10001"
		if instance == 0 {
			zoho.connected(store, "")
		}
		function := recipes.Function{Config: cfg}
		for range 2 {
			leads, err := function.Handle(ctx())
			fmt.Println("instance", instance, "counts", leads, err)
		}
		cfg.HTTPClient.CloseIdleConnections()
		if err := store.Close(); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("tokens asked of Zoho:", zoho.Counters().Exchanges+zoho.Counters().Refreshes)
	// Output:
	// instance 0 counts 25 <nil>
	// instance 0 counts 25 <nil>
	// instance 1 counts 25 <nil>
	// instance 1 counts 25 <nil>
	// instance 2 counts 25 <nil>
	// instance 2 counts 25 <nil>
	// tokens asked of Zoho: 1
}

// get prints how a call ended, and how its answer begins.
func get(client *http.Client, url string, header ...string) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := client.Do(req)
	if err != nil {
		fmt.Println("not sent:", errors.Is(err, dc.ErrUntrusted))
		return
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 20))
	fmt.Println(res.StatusCode, string(text), err)
}

// product is a fake of a Zoho product with a host of its own. It has the simulator
// judge the tokens.
func product(zoho *standIn) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		check, err := http.NewRequestWithContext(r.Context(), http.MethodGet, zoho.web.URL+"/crm/v8/org", nil)
		if err != nil {
			panic(err)
		}
		check.Header.Set("Authorization", r.Header.Get("Authorization"))
		res, err := zoho.web.Client().Do(check)
		if err != nil {
			panic(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK || r.Header.Get("orgId") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"data":[{"ticketNumber":"101"}]}`)
	}))
}

func ExampleDesk() {
	zoho := newStandIn()
	defer zoho.Close()
	desk := product(zoho) // https://desk.zoho.com
	defer desk.Close()
	source, done := zoho.source("ZohoCRM.org.READ,ZohoCRM.users.READ,Desk.tickets.READ,ZohoBooks.contacts.READ")
	defer done()

	client := recipes.Desk(source, zoho.home, desk.URL)
	get(client, desk.URL+"/api/v1/tickets", "orgId", "10001")
	get(client, "https://desk.zoho.com.example.com/api/v1/tickets", "orgId", "10001")

	books := recipes.Books(source, dc.Zoho().With(zoho.home))
	get(books, zoho.web.URL+"/books/v3/contacts") // sent: the simulator has no Books
	get(books, desk.URL+"/api/v1/tickets")
	// Output:
	// 200 {"data":[{"ticketNum <nil>
	// not sent: true
	// 404 {"code":"INVALID_URL <nil>
	// not sent: true
}

func ExampleOAuth2() {
	zoho := newStandIn()
	defer zoho.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	other := httptest.NewServer(http.RedirectHandler(zoho.web.URL, http.StatusFound))
	defer other.Close()
	source, done := zoho.source("")
	defer done()

	client := recipes.OAuth2(ctx(), source, dc.Zoho().With(zoho.home))
	get(client, zoho.web.URL+"/crm/v8/org")
	get(client, other.URL)
	// Output:
	// 200 {"org":[{"alias":nul <nil>
	// not sent: true
}
