package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

const (
	benchRows  = 10_000
	benchBlock = 100 // calls that are timed together
)

// filledStore has benchRows rows: saved by us, or as an SDK left them.
func filledStore(b *testing.B, bySDK bool) *opened {
	b.Helper()
	o := open(b, newPath(b))
	tx, err := o.db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	for i := range benchRows {
		t := user(benchUser(i))
		t.ID = fmt.Sprint(900000001 + i)
		t.Expiry = time.UnixMilli(1795308985119)
		if _, err := tx.Exec(insertRow, rowArguments(t.Row())...); err != nil {
			b.Fatal(err)
		}
		if !bySDK {
			_, err := tx.Exec(`INSERT INTO oauthtoken_zcrm (side_key, row_id, scope, accounts_url, created_at, updated_at, check_at)
				VALUES (?, ?, 'ZohoCRM.modules.ALL,ZohoCRM.settings.ALL', 'https://accounts.zoho.com', 1795308985119, 1795308985119, 1895308985119)`,
				t.SideKey()[:24], t.ID)
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return o
}

func benchUser(i int) string { return fmt.Sprintf("user%d@example.com:700000001", i) }

// compare times blocks of bare calls and of ours in turn, so that both meet the
// same machine, and reports the medians and the median of the ratios.
func compare(b *testing.B, bare, ours func(i int)) {
	b.Helper()
	var ratios, bares, all []float64
	i := 0
	block := func(f func(i int)) float64 {
		start := time.Now()
		for range benchBlock {
			i = (i + 7919) % benchRows
			f(i)
		}
		return float64(time.Since(start).Microseconds()) / benchBlock
	}
	for b.Loop() {
		x, y := block(bare), block(ours)
		bares, all, ratios = append(bares, x), append(all, y), append(ratios, y/x)
	}
	for unit, values := range map[string][]float64{"bare-us/op": bares, "us/op": all, "x-bare": ratios} {
		slices.Sort(values)
		b.ReportMetric(values[len(values)/2], unit)
	}
	b.ReportMetric(0, "ns/op") // of a block: says nothing
}

// BenchmarkFind compares Find by user name, among 10,000 rows, with the same
// indexed query, prepared, with the same ten columns and a context that can be
// cancelled. "first" is the first Find of each row in a process.
func BenchmarkFind(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, by := range []string{"us", "sdk"} {
		o := filledStore(b, by == "sdk")
		bare := bareFind(b, ctx, o.db)
		find := func(s oauth.Store) func(int) {
			return func(i int) {
				if t, err := s.Find(ctx, oauth.Token{UserName: benchUser(i)}); err != nil || t.UserName != benchUser(i) {
					b.Fatal(t, err)
				}
			}
		}
		b.Run("saved-by-"+by, func(b *testing.B) {
			save(b, o, user(benchUser(0))) // as any write does, it moves the count of changes
			for i := range benchRows {
				find(o)(i)
			}
			compare(b, bare, find(o))
		})
		b.Run("saved-by-"+by+"/first", func(b *testing.B) {
			var s *sqlite.Store
			n := benchRows
			compare(b, bare, func(i int) {
				if n++; n > benchRows {
					s, n = reopen(b, o.db), 0
				}
				find(s)(i)
			})
		})
	}
}

func reopen(b *testing.B, db *sql.DB) *sqlite.Store {
	b.Helper()
	s, err := sqlite.New(context.Background(), db, sqlite.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

func bareFind(b *testing.B, ctx context.Context, db *sql.DB) func(i int) {
	b.Helper()
	stmt, err := db.Prepare(`SELECT id, user_name, client_id, client_secret, refresh_token, access_token, grant_token,
		expiry_time, redirect_url, api_domain FROM oauthtoken WHERE user_name = ?`)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stmt.Close() })
	return func(i int) {
		var v [10]sql.NullString
		err := stmt.QueryRowContext(ctx, benchUser(i)).Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8], &v[9])
		if err != nil || v[1].String != benchUser(i) {
			b.Fatal(v[1], err)
		}
	}
}

// BenchmarkSave compares a Save of a new access token, which writes the row and
// its side data, with a bare transaction that takes the write lock, reads the row
// and updates it.
func BenchmarkSave(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := filledStore(b, false)
	o.db.SetMaxOpenConns(1)
	n := 0
	access := func() string { n++; return fmt.Sprintf("1000.access.%d", n) }
	b.Run("update", func(b *testing.B) {
		compare(b, bareUpdate(b, ctx, o.db, access), func(i int) {
			if _, err := o.Save(ctx, oauth.Token{UserName: benchUser(i), AccessToken: oauth.NewSecret(access())}); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("insert", func(b *testing.B) {
		compare(b, bareUpdate(b, ctx, o.db, access), func(int) {
			if _, err := o.Save(ctx, user("new-"+access())); err != nil {
				b.Fatal(err)
			}
		})
	})
}

func bareUpdate(b *testing.B, ctx context.Context, db *sql.DB, access func() string) func(i int) {
	b.Helper()
	return func(i int) {
		conn, err := db.Conn(ctx)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
			b.Fatal(err)
		}
		var id string
		if err := conn.QueryRowContext(ctx, "SELECT id FROM oauthtoken WHERE user_name = ?", benchUser(i)).Scan(&id); err != nil {
			b.Fatal(err)
		}
		if _, err := conn.ExecContext(ctx, "UPDATE oauthtoken SET access_token = ?, expiry_time = ? WHERE id = ?", access(), "1795308985119", id); err != nil {
			b.Fatal(err)
		}
		if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList lists 10,000 rows.
func BenchmarkList(b *testing.B) {
	o := filledStore(b, false)
	for b.Loop() {
		n := 0
		for _, err := range o.List(context.Background()) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != benchRows {
			b.Fatal(n)
		}
	}
}

// BenchmarkSaveAll saves a thousand new users at once.
func BenchmarkSaveAll(b *testing.B) {
	o := filledStore(b, false)
	n := 0
	for b.Loop() {
		err := o.SaveAll(context.Background(), func(yield func(oauth.Token) bool) {
			for range oauth.BatchSize {
				if n++; !yield(user(fmt.Sprint("batch ", n))) {
					return
				}
			}
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "us/token")
}
