package recipes_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"zohocrm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// standIn is a simulator in the place of Zoho, so that the examples run offline.
type standIn struct {
	*sim.Server
	web  *httptest.Server
	home dc.DataCenter
}

func newStandIn() *standIn {
	zoho := sim.New(sim.Config{})
	web := httptest.NewServer(zoho)
	home, err := dc.Custom(web.URL, "")
	if err != nil {
		panic(err)
	}
	return &standIn{zoho, web, home}
}

func (z *standIn) Close() {
	z.Server.Close()
	z.web.Close()
}

// config is what the recipes are given; with Zoho itself DataCenter is left out, or
// is that of the application.
func (z *standIn) config(store oauth.Store) zohocrm.Config {
	return zohocrm.Config{
		Token: oauth.Token{ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim")},
		Store: store, DataCenter: z.home,
	}
}

// code is an authorization code, as the redirect brings it after consent.
func (z *standIn) code(user, scope string) oauth.Secret {
	code, err := z.Grant(sim.GrantRequest{User: user, Scope: scope})
	if err != nil {
		panic(err)
	}
	return oauth.NewSecret(code)
}

// connected is a store that knows alice, and what it knows of her.
func (z *standIn) connected(store oauth.Store, scope string) oauth.Token {
	keeper, err := zohocrm.NewWithoutUser(z.config(store))
	if err != nil {
		panic(err)
	}
	defer keeper.Close()
	alice, err := keeper.Connect(ctx(), oauth.Login{Token: oauth.Token{GrantToken: z.code("alice", scope)}})
	if err != nil {
		panic(err)
	}
	return oauth.Token{ID: alice.User.ID, UserName: alice.User.UserName, ClientID: alice.User.ClientID}
}

// source binds alice's tokens, for clients that are not ours.
func (z *standIn) source(scope string) (source oauth.Source, done func()) {
	store := memory.New(memory.Config{})
	alice := z.connected(store, scope)
	client, err := zohocrm.NewWithoutUser(z.config(store))
	if err != nil {
		panic(err)
	}
	return client.Tokens.Source(alice), func() {
		if err := client.Close(); err != nil {
			fmt.Println(err)
		}
	}
}
