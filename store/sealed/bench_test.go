package sealed_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
	"zohocrm/store/sqlite"
)

const (
	benchRows  = 10_000
	benchBlock = 100 // calls that are timed together
)

// user is a token as Zoho makes them.
func user(name string) oauth.Token {
	return oauth.Token{
		UserName: name, ClientID: "1000.0VJP33J6LLOQ63896U88RWYIVJRSFE", ClientSecret: oauth.NewSecret("81212149f53b5d3bcc1dd4c6b1b7a1d2c8a1e8f0aa"),
		GrantToken:   oauth.NewSecret("1000.g1.9f4ab0c1d2e3f405162738495a6b7c8d." + name),
		RefreshToken: oauth.NewSecret("1000.r2.9f4ab0c1d2e3f405162738495a6b7c8d." + name),
		AccessToken:  oauth.NewSecret("1000.a3.9f4ab0c1d2e3f405162738495a6b7c8d." + name),
		Expiry:       time.UnixMilli(1795308985119), APIDomain: "https://www.zohoapis.com",
		Scope: "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL", AccountsURL: "https://accounts.zoho.com",
	}
}

func benchUser(i int) string { return fmt.Sprintf("user%d@example.com:700000001", i) }

// users yields n users from the first.
func users(first, n int) func(yield func(oauth.Token) bool) {
	return func(yield func(oauth.Token) bool) {
		for i := range n {
			if !yield(user(benchUser(first + i))) {
				return
			}
		}
	}
}

// sealedAndPlain are two databases with the same users, one of them sealed.
func sealedAndPlain(b *testing.B, set *keys.Set) (over *sealed.Store, plain oauth.Store) {
	b.Helper()
	ctx := context.Background()
	var inner [2]*database
	for i := range inner {
		d, err := openDatabase(ctx, filepath.Join(b.TempDir(), "tokens.db"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { d.Close() })
		inner[i] = d
	}
	over = seal(b, inner[0], sealed.Config{Keys: set, RefusePlain: true})
	for _, s := range []oauth.Store{over, inner[1]} {
		if err := oauth.SaveAll(ctx, s, users(0, benchRows)); err != nil {
			b.Fatal(err)
		}
	}
	return over, inner[1]
}

// compare times blocks of plain and of sealed calls in turn, so that both meet the
// same machine, and reports the medians and the median of the ratios.
func compare(b *testing.B, plain, over func(i int)) {
	b.Helper()
	var ratios, plains, overs []float64
	i := 0
	block := func(f func(i int)) float64 {
		start := time.Now()
		for range benchBlock {
			i = (i + 7919) % benchRows
			f(i)
		}
		return float64(time.Since(start).Nanoseconds()) / 1000 / benchBlock
	}
	for b.Loop() {
		x, y := block(plain), block(over)
		plains, overs, ratios = append(plains, x), append(overs, y), append(ratios, y/x)
	}
	for unit, values := range map[string][]float64{"plain-us/op": plains, "us/op": overs, "x-plain": ratios} {
		slices.Sort(values)
		b.ReportMetric(values[len(values)/2], unit)
	}
	b.ReportMetric(0, "ns/op") // of a block: says nothing
}

// BenchmarkFind compares Find over SQLite, among 10,000 rows, sealed and plain.
// "first" is the first Find of each row in a process.
func BenchmarkFind(b *testing.B) {
	ctx := context.Background()
	set := temporary(b)
	over, plain := sealedAndPlain(b, set)
	find := func(s oauth.Store, partial func(i int) oauth.Token) func(int) {
		return func(i int) {
			if t, err := s.Find(ctx, partial(i)); err != nil || t.UserName != benchUser(i) {
				b.Fatal(t, err)
			}
		}
	}
	byUser := func(i int) oauth.Token { return oauth.Token{UserName: benchUser(i)} }
	byRefresh := func(i int) oauth.Token { return oauth.Token{RefreshToken: user(benchUser(i)).RefreshToken} }
	for _, s := range []oauth.Store{over, plain} {
		for i := range benchRows {
			find(s, byUser)(i)
		}
	}
	b.Run("user", func(b *testing.B) { compare(b, find(plain, byUser), find(over, byUser)) })
	b.Run("refresh", func(b *testing.B) { compare(b, find(plain, byRefresh), find(over, byRefresh)) })
	b.Run("user/first", func(b *testing.B) {
		var freshPlain, freshOver oauth.Store
		n := benchRows
		compare(b, func(i int) {
			if n++; n > benchRows-benchBlock {
				freshPlain, freshOver, n = reopened(b, plain), again(b, over, set), 0
			}
			find(freshPlain, byUser)(i)
		}, func(i int) { find(freshOver, byUser)(i) })
	})
}

// reopened is another store on the same database.
func reopened(b *testing.B, s oauth.Store) oauth.Store {
	b.Helper()
	again, err := sqlite.New(context.Background(), s.(*database).db, sqlite.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { again.Close() })
	return again
}

// again is another sealed store on the same database with the same keys.
func again(b *testing.B, s *sealed.Store, set *keys.Set) oauth.Store {
	b.Helper()
	return seal(b, reopened(b, s.Unwrap()), sealed.Config{Keys: set, RefusePlain: true})
}

// BenchmarkSave compares Saves of a new access token, as a refresh makes them: by
// the Version of the row that was read; by the user's name; and of a new user.
func BenchmarkSave(b *testing.B) {
	ctx := context.Background()
	set := temporary(b)
	over, plain := sealedAndPlain(b, set)
	n := 0
	access := func() oauth.Secret { n++; return oauth.NewSecret(fmt.Sprintf("1000.new.%d", n)) }
	rows := func(s oauth.Store) []oauth.Token {
		all := make([]oauth.Token, benchRows)
		for i := range all {
			t, err := s.Find(ctx, oauth.Token{UserName: benchUser(i)})
			if err != nil {
				b.Fatal(err)
			}
			all[i] = t
		}
		return all
	}
	save := func(s oauth.Store, t oauth.Token) oauth.Token {
		saved, err := s.Save(ctx, t)
		if err != nil {
			b.Fatal(err)
		}
		return saved
	}
	b.Run("version", func(b *testing.B) {
		renew := func(s oauth.Store) func(int) {
			all := rows(s)
			return func(i int) {
				t := all[i]
				t.AccessToken = access()
				all[i] = save(s, t)
			}
		}
		compare(b, renew(plain), renew(over))
	})
	b.Run("user", func(b *testing.B) {
		renew := func(s oauth.Store) func(int) {
			return func(i int) { save(s, oauth.Token{UserName: benchUser(i), AccessToken: access()}) }
		}
		compare(b, renew(plain), renew(over))
	})
	b.Run("insert", func(b *testing.B) {
		insert := func(s oauth.Store) func(int) {
			return func(int) { n++; save(s, user(fmt.Sprint("new ", n))) }
		}
		compare(b, insert(plain), insert(over))
	})
}

// BenchmarkSealAll seals 100,000 plain rows of a SQLite database, seals them anew
// with another key, and makes them plain again; before that it replaces the secrets
// of all rows with other plain ones, which is what the inner store needs for it
// alone. The most that was in use at any time is reported, above what was before.
func BenchmarkSealAll(b *testing.B) {
	const rows = 100_000
	ctx := context.Background()
	for b.Loop() {
		path := filepath.Join(b.TempDir(), "tokens.db")
		inner, err := openDatabase(ctx, path)
		if err != nil {
			b.Fatal(err)
		}
		file := path + ".keys"
		if _, err := keys.Create(ctx, file, keys.Config{}); err != nil {
			b.Fatal(err)
		}
		if err := inner.SaveAll(ctx, users(0, rows)); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if err := replaceSecrets(ctx, inner); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(rows/time.Since(start).Seconds(), "bare-rows/s")
		set, err := keys.Open(ctx, file, keys.Config{})
		if err != nil {
			b.Fatal(err)
		}
		s := seal(b, inner, sealed.Config{Keys: set})
		for _, run := range []struct {
			name string
			mode sealed.Mode
		}{{"seal", sealed.Seal}, {"reseal", sealed.Reseal}, {"unseal", sealed.Unseal}} {
			if run.mode == sealed.Reseal {
				if _, err := keys.Rotate(ctx, file, keys.Config{}); err != nil {
					b.Fatal(err)
				}
			}
			before, most := heap(), uint64(0)
			start := time.Now()
			report, err := sealed.SealAll(ctx, s, sealed.SealAllConfig{Mode: run.mode, Progress: func(r sealed.Report) {
				if r.Rows%10_000 == 0 {
					most = max(most, heap())
				}
			}})
			took := time.Since(start)
			if err != nil || report.Changed != rows {
				b.Fatal(report, err)
			}
			b.ReportMetric(rows/took.Seconds(), run.name+"-rows/s")
			b.ReportMetric(float64(most-min(before, most))/(1<<20), run.name+"-MB")
		}
		if err := inner.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// replaceSecrets gives every row other secrets, as long as sealed ones.
func replaceSecrets(ctx context.Context, s oauth.Store) error {
	var some []oauth.Token
	for t, err := range s.List(ctx) {
		if err != nil {
			return err
		}
		change := oauth.Token{ID: t.ID, Version: t.Version, Expiry: t.Expiry}
		for column, cell := range columns(&change) {
			*cell = oauth.NewSecret(fmt.Sprintf("%-120s", rand.Text()+column))
		}
		if some = append(some, change); len(some) < oauth.BatchSize {
			continue
		}
		if err := oauth.SaveAll(ctx, s, slices.Values(some)); err != nil {
			return err
		}
		some = some[:0]
	}
	return oauth.SaveAll(ctx, s, slices.Values(some))
}

// heap is what is reachable, in bytes.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
