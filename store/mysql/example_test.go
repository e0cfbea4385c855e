package mysql_test

import (
	"context"
	"fmt"

	"zohocrm/oauth"
	"zohocrm/store/mysql"
)

// A table that PHP, Java, Python or Node services use already, or that is made now.
// The example needs a server, so its output is not checked.
func Example() {
	ctx := context.Background()
	store, err := mysql.Open(ctx, mysql.Config{
		Host: "db.example.com", Database: "zohooauth", User: "crm", Password: oauth.NewSecret("secret"),
		TLS: mysql.TLSVerify,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()

	_, err = store.Save(ctx, oauth.Token{UserName: "alice@example.com:10001", RefreshToken: oauth.NewSecret("1000.r")})
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := store.Find(ctx, oauth.Token{UserName: "alice@example.com:10001"})
	fmt.Println(t.ID, t.RefreshToken, err)
}
