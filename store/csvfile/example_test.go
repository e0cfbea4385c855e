package csvfile_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// A file that an official SDK wrote is used as it is.
func Example() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, csvfile.DefaultPath)
	python := "id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_uri,api_domain\r\n" +
		"1,alice@example.com:10001,1000.CLIENT,secret,1000.r,1000.a,,1795308985119,,https://www.zohoapis.eu\r\n"
	if err := os.WriteFile(path, []byte(python), 0o600); err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	store, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		fmt.Println(err)
		return
	}
	alice, err := store.Find(ctx, oauth.Token{UserName: "alice@example.com:10001"})
	fmt.Println(alice.ID, alice.APIDomain, alice.AccessToken, err)

	bob, err := store.Save(ctx, oauth.Token{UserName: "bob@example.com:10001", RefreshToken: oauth.NewSecret("1000.b")})
	fmt.Println(bob.ID, err)

	written, err := os.ReadFile(path)
	fmt.Print(string(written), err)
	// Output:
	// 1 https://www.zohoapis.eu sha256:8bdd6f95067a <nil>
	// 2 <nil>
	// id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain
	// 1,alice@example.com:10001,1000.CLIENT,secret,1000.r,1000.a,,1795308985119,,https://www.zohoapis.eu
	// 2,bob@example.com:10001,,,1000.b,,,,,
	// <nil>
}
