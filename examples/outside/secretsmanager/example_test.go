package secretsmanager_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"example.com/outside/secretsmanager"
	"zohocrm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
)

// The client keeps its tokens in Secrets Manager, and another program finds them there.
func Example() {
	server := startAWS() // stand-ins for AWS and Zoho
	defer server.Close()
	zoho := sim.New(sim.Config{})
	web := httptest.NewServer(zoho)
	defer web.Close()
	defer zoho.Close()
	code, _ := zoho.Grant(sim.GrantRequest{User: "alice"})
	home, _ := dc.Custom(web.URL, "")

	ctx := context.Background()
	aws := aws.Config{ // config.LoadDefaultConfig(ctx) of aws-sdk-go-v2/config, on AWS
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	}
	store, err := secretsmanager.New(secretsmanager.Config{Client: api.NewFromConfig(aws), Secret: "zoho/tokens"})
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
	fmt.Println(strings.Contains(server.latest("zoho/tokens"), `"user_name":"alice@example.com:10001"`))
	// Output:
	// alice@example.com:10001 counts 25 <nil>
	// alice@example.com:10001 counts 25 <nil>
	// 1 exchange, 0 refreshes
	// true
}
