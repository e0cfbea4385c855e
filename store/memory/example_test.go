package memory_test

import (
	"context"
	"fmt"

	"zohocrm/oauth"
	"zohocrm/store/memory"
)

func Example() {
	ctx := context.Background()
	store := memory.New(memory.Config{})
	_, err := store.Save(ctx, oauth.Token{UserName: "alice@example.com:10001", RefreshToken: oauth.NewSecret("1000.r")})
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := store.Find(ctx, oauth.Token{UserName: "alice@example.com:10001"})
	fmt.Println(t.ID, t.RefreshToken, err)
	// Output: 1 sha256:ab41d5b0e261 <nil>
}
