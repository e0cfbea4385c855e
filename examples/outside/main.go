// Command outside is a program in a module of its own that uses zohocrm, as yours
// would until the module has a published home: by a replace line in go.mod.
//
// It prints the last names of a few leads of the user that a token store knows:
//
//	ZOHO_USER=you@example.com:12345 go run .
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"zohocrm"
	"zohocrm/crm"
	"zohocrm/oauth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, zohocrm.Config{Token: oauth.Token{UserName: os.Getenv("ZOHO_USER")}}); err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, cfg zohocrm.Config) (err error) {
	client, err := zohocrm.New(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := client.Close(); err == nil {
			err = cerr
		}
	}()
	leads := client.CRM.Records.List(ctx, "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}})
	shown := 0
	for lead, err := range leads {
		if err != nil {
			return err
		}
		fmt.Fprintln(w, lead.ID(), lead.Text("Last_Name"))
		if shown++; shown == 3 {
			break
		}
	}
	return nil
}
