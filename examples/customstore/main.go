// Customstore shows how to keep tokens in a place of your own: it defines a
// store, [JSONStore], and walks through the six methods of [oauth.Store].
//
// To write a store, decide three things and leave the rest to package oauth:
//
//   - How rows are fetched. [oauth.Resolve] decides which row is meant; it only
//     asks you for the rows with a given key. If they fit into memory,
//     [oauth.RowsOf] answers it. That is Find and Get.
//   - How a change is made so that no other writer comes between. Inside your lock
//     or transaction call [oauth.PlanSave], put plan.Row where plan.Old was, or
//     add it, and take plan.Remove out. [oauth.NextID] numbers a new row;
//     remember the greatest number, so that none is given twice. That is Save;
//     Delete and DeleteAll change rows in the same way.
//   - How a token is written. [oauth.Token.Row] gives its ten columns in plain
//     text, and [oauth.Row.Token] reads them back with their Version. Side data
//     go beside them, under [oauth.Token.SideKey].
//
// Then let storetest.Run prove it: see store_test.go, which is all that it takes.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"zohocrm/oauth"
)

func main() {
	folder, err := os.MkdirTemp("", "customstore-")
	if err == nil {
		defer os.RemoveAll(folder)
		err = tour(context.Background(), os.Stdout, &JSONStore{Path: filepath.Join(folder, "tokens.json")})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "customstore:", err)
		os.Exit(1)
	}
}

// tour calls each method of a store once.
func tour(ctx context.Context, out io.Writer, store oauth.Store) error {
	for _, user := range []string{"alice@example.com:10001", "bob@example.com:10001"} {
		saved, err := store.Save(ctx, oauth.Token{
			UserName: user, ClientID: "1000.CLIENT", RefreshToken: oauth.NewSecret("1000." + user), APIDomain: "https://www.zohoapis.com",
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "saved", saved.UserName, "under id", saved.ID)
	}
	alice, err := store.Find(ctx, oauth.Token{UserName: "alice@example.com:10001"})
	if err != nil {
		return err
	}
	// With the Version that Find read, Save happens only if the row is still the same.
	alice.AccessToken = oauth.NewSecret("1000.access")
	if _, err := store.Save(ctx, alice); err != nil {
		return err
	}
	_, err = store.Save(ctx, alice)
	fmt.Fprintln(out, "saved once more:", err)
	alice, err = store.Get(ctx, alice.ID)
	if err != nil {
		return err
	}
	if err := store.Delete(ctx, alice.ID, alice.Version); err != nil {
		return err
	}
	for t, err := range store.List(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "left:", t.UserName)
	}
	return store.DeleteAll(ctx)
}
