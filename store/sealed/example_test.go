package sealed_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

// A store whose secrets are encrypted. The keys are in a file that only its owner
// can read; any other store could take the place of the one in memory.
func Example() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "zcrm.keys")
	if _, err := keys.Create(ctx, file, keys.Config{}); err != nil { // once
		fmt.Println(err)
		return
	}
	set, err := keys.Open(ctx, file, keys.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	inner := memory.New(memory.Config{})
	store, err := sealed.New(inner, sealed.Config{Keys: set})
	if err != nil {
		fmt.Println(err)
		return
	}
	token := oauth.Token{UserName: "alice@example.com:10001", RefreshToken: oauth.NewSecret("1000.refresh")}
	if _, err := store.Save(ctx, token); err != nil {
		fmt.Println(err)
		return
	}
	found, err := store.Find(ctx, oauth.Token{RefreshToken: oauth.NewSecret("1000.refresh")})
	fmt.Println(found.UserName, found.RefreshToken == token.RefreshToken, err)
	stands, err := inner.Find(ctx, oauth.Token{UserName: "alice@example.com:10001"})
	fmt.Println(strings.HasPrefix(stands.RefreshToken.Reveal(), "sealed1."), err)
	// Output:
	// alice@example.com:10001 true <nil>
	// true <nil>
}

// A store that was in use before there were keys, and later gets other ones.
func ExampleSealAll() {
	ctx := context.Background()
	inner := memory.New(memory.Config{})
	for _, user := range []string{"alice", "bob"} {
		token := oauth.Token{UserName: user, RefreshToken: oauth.NewSecret("1000." + user)}
		if _, err := inner.Save(ctx, token); err != nil {
			fmt.Println(err)
		}
	}
	set, err := keys.Temporary()
	if err != nil {
		fmt.Println(err)
		return
	}
	store, err := sealed.New(inner, sealed.Config{Keys: set})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := sealed.SealAll(ctx, store, sealed.SealAllConfig{})
	fmt.Printf("%d rows, %d changed, %v\n", report.Rows, report.Changed, err)
	report, err = sealed.SealAll(ctx, store, sealed.SealAllConfig{}) // nothing is left to do
	fmt.Printf("%d rows, %d changed, %v\n", report.Rows, report.Changed, err)
	lost, err := sealed.MissingKeys(ctx, store)
	fmt.Println(len(lost), err)
	// Output:
	// 2 rows, 2 changed, <nil>
	// 2 rows, 0 changed, <nil>
	// 0 <nil>
}
