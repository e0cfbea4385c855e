package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// tokens is how many rows the stores are measured with.
const tokens = 10_000

func userName(i int) string { return fmt.Sprintf("user%d@example.com:%d", i, 700000000+i) }

// token is the i-th made-up user; step makes another access token of it.
func token(i, step int) oauth.Token {
	return oauth.Token{
		UserName: userName(i), ClientID: "1000.CLIENT", ClientSecret: oauth.NewSecret("secret"),
		RefreshToken: oauth.NewSecret(fmt.Sprintf("1000.%032x.%032x", i, i)),
		AccessToken:  oauth.NewSecret(fmt.Sprintf("1000.%032x.%032x", step, i)),
		Expiry:       time.UnixMilli(1795308985119), RedirectURL: "https://example.com/callback", APIDomain: "https://www.zohoapis.com",
	}
}

// csvRows measures the CSV store with a file as an official SDK would have left it.
func csvRows(dir string) ([]row, func() error, error) {
	path := filepath.Join(dir, "sdk_tokens.txt")
	var text strings.Builder
	text.WriteString(strings.Join(oauth.Columns(), ",") + "\n")
	for i := range tokens {
		r := token(i, 0).Row()
		r.ID = fmt.Sprint(i + 1)
		v := r.Values()
		text.WriteString(strings.Join(v[:], ",") + "\n")
	}
	data := []byte(text.String())
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	store, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		cancel()
		return nil, nil, err
	}
	other, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		cancel()
		return nil, nil, err
	}
	find := func(b *testing.B) {
		for i := range b.N {
			t, err := store.Find(ctx, oauth.Token{UserName: userName(i * 7919 % tokens)})
			if err != nil || t.AccessToken.IsZero() {
				b.Fatal(t, err)
			}
		}
	}
	stat := func(b *testing.B) {
		for range b.N {
			if _, err := os.Stat(path); err != nil {
				b.Fatal(err)
			}
		}
	}
	step := 0
	change := func(b *testing.B, s *csvfile.Store) {
		step++
		t := token(step%tokens, step)
		if _, err := s.Save(ctx, oauth.Token{UserName: t.UserName, AccessToken: t.AccessToken, Expiry: t.Expiry}); err != nil {
			b.Fatal(err)
		}
	}
	save := func(b *testing.B) {
		for range b.N {
			change(b, store)
		}
	}
	saveAfterOther := func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			change(b, other)
			b.StartTimer()
			change(b, store)
		}
	}
	limit := func(b *testing.B) {
		for range b.N {
			if err := replace(filepath.Join(dir, "same-bytes"), data); err != nil {
				b.Fatal(err)
			}
		}
	}
	stop := func() error {
		cancel()
		return nil
	}
	return []row{
		{name: "CSV Find among 10,000", other: "os.Stat of the file", ours: find, theirs: stat, atMost: 5, allocs: -1},
		{name: "CSV Save among 10,000", other: "write, sync, rename, sync folder of the same bytes", ours: save, theirs: limit, atMost: 2, allocs: -1},
		{name: "CSV Save among 10,000 after another process's save", other: "write, sync, rename, sync folder of the same bytes", ours: saveAfterOther, theirs: limit, atMost: 5, allocs: -1},
	}, stop, nil
}

// replace is what a durable replacement of a file costs at the least.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".bench-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
