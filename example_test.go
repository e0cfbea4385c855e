package zohocrm_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"

	"zohocrm"
	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/csvfile"
)

func Example() {
	// A stand-in for Zoho, so that this example runs offline.
	zoho := sim.New(sim.Config{})
	server := httptest.NewServer(zoho)
	defer server.Close()
	defer zoho.Close()
	code, _ := zoho.Grant(sim.GrantRequest{User: "alice"})
	home, _ := dc.Custom(server.URL, "")
	dir, _ := os.MkdirTemp("", "zohocrm-example-")
	defer os.RemoveAll(dir)

	ctx := context.Background()
	store, err := csvfile.New(csvfile.Config{Path: filepath.Join(dir, "sdk_tokens.txt")})
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := zohocrm.New(ctx, zohocrm.Config{
		Store:      store,
		DataCenter: home, // leave out for Zoho itself
		Token: oauth.Token{
			ClientID:     "1000.SIM",
			ClientSecret: oauth.NewSecret("sim"),
			GrantToken:   oauth.NewSecret(code), // good once; the stored token is used from then on
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	for lead, err := range client.CRM.Records.List(ctx, "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}, SortOrder: "asc"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(client.User.UserName, "sees", lead.Text("Last_Name"))
		break
	}
	// Output: alice@example.com:10001 sees Abbott
}
