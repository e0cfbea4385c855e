package oauth_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

func Example() {
	zoho := sim.New(sim.Config{}) // a stand-in for Zoho with a clock that can be moved
	server := httptest.NewServer(zoho)
	defer server.Close()
	defer zoho.Close()
	home, _ := dc.Custom(server.URL, "")
	code, _ := zoho.Grant(sim.GrantRequest{User: "alice"})

	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{
		Store:      memory.New(memory.Config{}),
		DataCenter: home,
		Accounts:   oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home), Now: zoho.Now}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer keeper.Close()

	ctx := context.Background()
	source := keeper.Source(oauth.Token{
		UserName: "alice", ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(code),
	})
	first, err := source.Token(ctx) // exchanges the code and saves
	if err != nil {
		fmt.Println(err)
		return
	}
	again, _ := source.Token(ctx) // from memory
	zoho.Advance(2 * time.Hour)
	later, _ := source.Token(ctx) // refreshes and saves
	fmt.Println(first.AccessToken == again.AccessToken, first.AccessToken == later.AccessToken)
	fmt.Println(zoho.Counters().Exchanges, "exchange,", zoho.Counters().Refreshes, "refresh")
	// Output:
	// true false
	// 1 exchange, 1 refresh
}
