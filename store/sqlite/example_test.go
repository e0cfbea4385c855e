package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

func Example() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "tokens")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)

	path := filepath.Join(folder, "tokens.db")
	if err := sqlite.Prepare(path, nil); err != nil {
		fmt.Println(err)
		return
	}
	db, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	store, err := sqlite.New(ctx, db, sqlite.Config{})
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
	// Output: 1 sha256:ab41d5b0e261 <nil>
}
