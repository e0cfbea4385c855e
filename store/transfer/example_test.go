package transfer_test

import (
	"context"
	"fmt"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/transfer"
)

func Example() {
	ctx := context.Background()
	from, to := memory.New(memory.Config{}), memory.New(memory.Config{})
	for _, name := range []string{"alice", "bob"} {
		_, err := from.Save(ctx, oauth.Token{UserName: name, ClientID: "1000.C", RefreshToken: oauth.NewSecret("1000." + name)})
		if err != nil {
			fmt.Println(err)
			return
		}
	}

	report, err := transfer.Copy(ctx, from, to, transfer.Config{
		Progress: func(p transfer.Progress) { fmt.Println(p.Read, "of", p.Total) },
		Total:    2,
	})
	fmt.Println(report, err)

	// Copied again, nothing is left to do.
	report, err = transfer.Copy(ctx, from, to, transfer.Config{})
	fmt.Println(report, err)
	// Output:
	// 2 of 2
	// 2 of 2
	// 2 tokens read: 2 inserted, 0 updated, 0 unchanged <nil>
	// 2 tokens read: 0 inserted, 0 updated, 2 unchanged <nil>
}
