package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/storetest"
)

func TestJSONStore(t *testing.T) {
	storetest.Run(t, storetest.Backend{
		Location: func(t testing.TB) string { return filepath.Join(t.TempDir(), "tokens.json") },
		OpenAt: func(_ context.Context, path string) (oauth.Store, error) {
			return &JSONStore{Path: path}, nil
		},
		Corrupt:  cutShort,
		KeepsIDs: true,
	})
}

// cutShort leaves half of the file, as a full disk would.
func cutShort(t testing.TB, s oauth.Store, _ string) (stored func() string) {
	path := s.(*JSONStore).Path
	read := func() string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if err := os.Truncate(path, int64(len(read())/2)); err != nil {
		t.Fatal(err)
	}
	return read
}

func Example() {
	folder, err := os.MkdirTemp("", "customstore-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	if err := tour(context.Background(), os.Stdout, &JSONStore{Path: filepath.Join(folder, "tokens.json")}); err != nil {
		panic(err)
	}
	// Output:
	// saved alice@example.com:10001 under id 1
	// saved bob@example.com:10001 under id 2
	// saved once more: token was changed meanwhile: id "1"
	// left: bob@example.com:10001
}
