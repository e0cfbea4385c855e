package check_test

import (
	"context"
	"fmt"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/memory"
)

func Example() {
	ctx := context.Background()
	store := memory.New(memory.Config{})
	// An access token alone: it works for an hour, and then nothing renews it.
	_, err := store.Save(ctx, oauth.Token{
		UserName: "alice", ClientID: "1000.C", AccessToken: oauth.NewSecret("1000.a"), Expiry: time.Now().Add(time.Hour),
		APIDomain: "https://www.zohoapis.com",
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	report, err := check.Run(ctx, store, check.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Findings {
		fmt.Printf("%s: %s\n  %s\n", f.Severity, f.Text, f.Remedy)
	}
	fmt.Println(report)
	// Output:
	// warning: without a refresh token and a client ID it ends with its access token: "alice" (id 1)
	//   log the user in again: zcrm login
	// 1 token, 1 warning
}
