// Command readme is the program of the README, so that it is compiled: it prints
// the leads of a user whose authorization code it is given.
//
//	ZOHO_CLIENT_SECRET=... go run ./examples/readme CODE
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"zohocrm"
	"zohocrm/crm"
	"zohocrm/oauth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: readme CODE")
		os.Exit(2)
	}
	if err := run(ctx, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, code string) error {
	client, err := zohocrm.New(ctx, zohocrm.Config{
		Token: oauth.Token{
			ClientID:     "1000.YOURCLIENT",
			ClientSecret: oauth.NewSecret(os.Getenv("ZOHO_CLIENT_SECRET")),
			GrantToken:   oauth.NewSecret(code), // good once; the stored token is used from then on
		},
	})
	if err != nil {
		return err
	}
	defer client.Close()

	for lead, err := range client.CRM.Records.List(ctx, "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}}) {
		if err != nil {
			return err
		}
		fmt.Println(lead.ID(), lead.Text("Last_Name"))
	}
	return nil
}
