package vaultstore_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"

	"zohocrm"
	"zohocrm/dc"
	"zohocrm/examples/vaultstore"
	"zohocrm/oauth"
	"zohocrm/sim"
)

// The client keeps its tokens in Vault, and another program finds them there.
func Example() {
	vault := startVault() // stand-ins for Vault and Zoho
	defer vault.Close()
	zoho := sim.New(sim.Config{})
	web := httptest.NewServer(zoho)
	defer web.Close()
	defer zoho.Close()
	code, _ := zoho.Grant(sim.GrantRequest{User: "alice"})
	home, _ := dc.Custom(web.URL, "")

	ctx := context.Background()
	store, err := vaultstore.New(vaultstore.Config{
		Address: vault.URL, // https://vault.example.com:8200
		Mount:   "secret", Path: "zoho/tokens",
		Token: func(context.Context) (oauth.Secret, error) { return oauth.NewSecret(vaultToken), nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, user := range []oauth.Token{
		{ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(code)},
		{UserName: "alice@example.com:10001"}, // as another program would
	} {
		client, err := zohocrm.New(ctx, zohocrm.Config{Token: user, Store: store, DataCenter: home})
		if err != nil {
			fmt.Println(err)
			return
		}
		leads, err := client.CRM.Records.Count(ctx, "Leads", nil)
		fmt.Println(client.User.UserName, "counts", leads, err)
		if err := client.Close(); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(zoho.Counters().Exchanges, "exchange,", zoho.Counters().Refreshes, "refreshes")
	fmt.Println(strings.Contains(vault.latest("zoho/tokens"), `"user_name":"alice@example.com:10001"`))
	// Output:
	// alice@example.com:10001 counts 25 <nil>
	// alice@example.com:10001 counts 25 <nil>
	// 1 exchange, 0 refreshes
	// true
}
