package csvfile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// crowdSize is the number of tokens in the file of each benchmark.
const crowdSize = 10_000

func member(i, round int) oauth.Token {
	return oauth.Token{
		UserName: fmt.Sprintf("user%05d@example.com:70000%05d", i, i), ClientID: "1000.ABCDEFGHIJKLMNOPQRSTUVWXYZ0123",
		ClientSecret: oauth.NewSecret("0123456789abcdef0123456789abcdef0123456789"), RedirectURL: "https://app.example.com/oauth/callback",
		RefreshToken: oauth.NewSecret(fmt.Sprintf("1000.%032d.%032d", i, i)), AccessToken: oauth.NewSecret(fmt.Sprintf("1000.%032d.%032d", round, i)),
		Expiry: time.UnixMilli(1795308985119), APIDomain: "https://www.zohoapis.com",
	}
}

// crowded is a file of many tokens, as an SDK would have left it a minute ago,
// and its content.
func crowded(b *testing.B) (path string, data []byte) {
	b.Helper()
	var text bytes.Buffer
	text.WriteString("id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain\n")
	for i := range crowdSize {
		t := member(i, 0)
		t.ID = fmt.Sprint(i + 1)
		for j, v := range t.Row().Values() {
			if j > 0 {
				text.WriteByte(',')
			}
			text.WriteString(v)
		}
		text.WriteByte('\n')
	}
	path = filepath.Join(b.TempDir(), "tokens.csv")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	old := time.Now().Add(-time.Minute)
	if err := os.Chtimes(path, old, old); err != nil {
		b.Fatal(err)
	}
	return path, text.Bytes()
}

func openFile(b *testing.B, path string) *csvfile.Store {
	b.Helper()
	s, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Find(b.Context(), oauth.Token{UserName: member(0, 0).UserName}); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkFind takes turns with os.Stat, so that the ratio of both is known
// also on a machine that has other work.
func BenchmarkFind(b *testing.B) {
	path, _ := crowded(b)
	s := openFile(b, path)
	ctx := context.Background()
	partials := make([]oauth.Token, crowdSize)
	for i := range partials {
		partials[i].UserName = member(i, 0).UserName
	}
	const turn = 100
	var stats time.Duration
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Find(ctx, partials[i%crowdSize]); err != nil {
			b.Fatal(err)
		}
		if i%turn > 0 {
			continue
		}
		b.StopTimer()
		began := time.Now()
		for range turn {
			if _, err := os.Stat(path); err != nil {
				b.Fatal(err)
			}
		}
		stats += time.Since(began)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed())/float64(stats)*float64((b.N+turn-1)/turn*turn)/float64(b.N), "stats/op")
}

// BenchmarkFindFirst is the cost of the first look at a file.
func BenchmarkFindFirst(b *testing.B) {
	path, _ := crowded(b)
	for b.Loop() {
		openFile(b, path)
	}
}

// bare is the least that a Save must cost: the same bytes written, synced and
// renamed, and the folder synced.
func bare(b *testing.B, path string, data []byte) time.Duration {
	b.Helper()
	b.StopTimer()
	defer b.StartTimer()
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		b.Fatal(err)
	}
	defer folder.Close()
	began := time.Now()
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close(), os.Rename(path+".new", path), folder.Sync()); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// BenchmarkSave takes turns with a bare writing of the same bytes. The stores of
// a turn save one after the other, so that of two each sees what the other, as
// another process, did to the file.
func BenchmarkSave(b *testing.B) {
	for stores, name := range []string{1: "Same", 2: "Changed"} {
		if stores == 0 {
			continue
		}
		b.Run(name, func(b *testing.B) {
			path, data := crowded(b)
			elsewhere := filepath.Join(b.TempDir(), "bare")
			all := make([]*csvfile.Store, stores)
			for i := range all {
				all[i] = openFile(b, path)
			}
			var writes time.Duration
			for i := 0; b.Loop(); i++ {
				writes += bare(b, elsewhere, data)
				if _, err := all[i%stores].Save(b.Context(), member(i%crowdSize, i+1)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(writes), "writes/op")
		})
	}
}
