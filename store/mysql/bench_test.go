package mysql_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/mysql"
)

const (
	benchRows  = 10_000
	benchBlock = 100 // calls that are timed together
)

// filledStore has benchRows rows: saved by us, or as an SDK left them.
func filledStore(b *testing.B, bySDK bool) (*mysql.Store, *sql.DB) {
	b.Helper()
	url := servertest.MySQL(b)
	s := open(b, config(b, url))
	db := rawDB(b, url, "interpolateParams=true")
	for from := 0; from < benchRows; from += 500 {
		var rows, sides []any
		for i := from; i < from+500; i++ {
			t := user(benchUser(i))
			rows = append(rows, fmt.Sprint(900000001+i), t.UserName, t.ClientID, t.ClientSecret.Reveal(), t.RefreshToken.Reveal(), t.AccessToken.Reveal(), "1795308985119", t.APIDomain)
			sides = append(sides, t.SideKey(), fmt.Sprint(900000001+i), 1795308985119, 1795308985119, 1895308985119)
		}
		run(b, db, "INSERT INTO oauthtoken (id, user_name, client_id, client_secret, refresh_token, access_token, expiry_time, api_domain) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"+
			strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?)", 499), rows...)
		if !bySDK {
			run(b, db, "INSERT INTO oauthtoken_zcrm (side_key, row_id, created_at, updated_at, check_at) VALUES (?, ?, ?, ?, ?)"+strings.Repeat(", (?, ?, ?, ?, ?)", 499), sides...)
		}
	}
	run(b, db, "ANALYZE TABLE oauthtoken, oauthtoken_zcrm")
	return s, rawDB(b, url, "")
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
		s, db := filledStore(b, by == "sdk")
		stmt, err := db.Prepare(`SELECT id, user_name, client_id, client_secret, refresh_token, access_token, grant_token,
			expiry_time, redirect_url, api_domain FROM oauthtoken WHERE user_name = ?`)
		if err != nil {
			b.Fatal(err)
		}
		defer stmt.Close()
		bare := func(i int) {
			var v [10]sql.NullString
			err := stmt.QueryRowContext(ctx, benchUser(i)).Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8], &v[9])
			if err != nil || v[1].String != benchUser(i) {
				b.Fatal(v[1], err)
			}
		}
		find := func(s oauth.Store) func(int) {
			return func(i int) {
				if t, err := s.Find(ctx, oauth.Token{UserName: benchUser(i)}); err != nil || t.UserName != benchUser(i) {
					b.Fatal(t, err)
				}
			}
		}
		b.Run("saved-by-"+by, func(b *testing.B) {
			save(b, s, user(benchUser(0))) // as any write does, it moves the count of changes
			for i := range benchRows {
				find(s)(i)
			}
			compare(b, bare, find(s))
		})
		b.Run("saved-by-"+by+"/first", func(b *testing.B) {
			var fresh *mysql.Store
			n := benchRows
			compare(b, bare, func(i int) {
				if n++; n > benchRows {
					var err error
					if fresh, err = mysql.New(ctx, db, mysql.Config{}); err != nil {
						b.Fatal(err)
					}
					b.Cleanup(func() { fresh.Close() })
					n = 0
				}
				find(fresh)(i)
			})
		})
	}
}

// BenchmarkSave compares a Save with a bare transaction that does the same: locks the
// row of writers, reads the token's row, updates it or inserts one, writes what stands
// beside it, and commits; its statements prepared. "unread" are rows that this process
// has not read before.
func BenchmarkSave(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, db := filledStore(b, false)
	db.SetMaxOpenConns(1)
	n := 0
	access := func() string { n++; return fmt.Sprintf("1000.access.%d", n) }
	update := func(b *testing.B) {
		compare(b, bareSave(b, ctx, db, access), func(i int) {
			if _, err := s.Save(ctx, oauth.Token{UserName: benchUser(i), AccessToken: oauth.NewSecret(access())}); err != nil {
				b.Fatal(err)
			}
		})
	}
	b.Run("update/unread", update)
	for i := range benchRows {
		if _, err := s.Find(ctx, oauth.Token{UserName: benchUser(i)}); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("update", update)
	b.Run("insert", func(b *testing.B) {
		compare(b, bareInsert(b, ctx, db, access), func(int) {
			if _, err := s.Save(ctx, user("new-"+access())); err != nil {
				b.Fatal(err)
			}
		})
	})
}

const benchLock = "SELECT highest_id, changes FROM oauthtoken_zcrm WHERE side_key = 'meta' FOR UPDATE"

func preparer(b *testing.B, db *sql.DB) func(text string) *sql.Stmt {
	return func(text string) *sql.Stmt {
		stmt, err := db.Prepare(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { stmt.Close() })
		return stmt
	}
}

func mustOf(b *testing.B) func(error) {
	return func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// bareInsert looks for the user and for the greatest ID, and adds a row and what
// stands beside it.
func bareInsert(b *testing.B, ctx context.Context, db *sql.DB, access func() string) func(i int) {
	b.Helper()
	prepare, must := preparer(b, db), mustOf(b)
	lock := prepare(benchLock)
	read := prepare("SELECT id FROM oauthtoken WHERE user_name = ? FOR UPDATE")
	greatest := prepare("SELECT max(id) FROM oauthtoken")
	insert := prepare("INSERT INTO oauthtoken (id, user_name, client_id, client_secret, refresh_token, access_token, api_domain) VALUES (?, ?, ?, ?, ?, ?, ?)")
	beside := prepare("INSERT INTO oauthtoken_zcrm (side_key, row_id, created_at, updated_at, check_at) VALUES (?, ?, ?, ?, ?)")
	count := prepare("UPDATE oauthtoken_zcrm SET highest_id = ?, changes = changes + 1 WHERE side_key = 'meta'")
	return func(int) {
		t := user("bare-" + access())
		tx, err := db.BeginTx(ctx, nil)
		must(err)
		var highest, changes, id int64
		must(tx.StmtContext(ctx, lock).QueryRowContext(ctx).Scan(&highest, &changes))
		if err := tx.StmtContext(ctx, read).QueryRowContext(ctx, t.UserName).Scan(&id); err != sql.ErrNoRows {
			b.Fatal(err)
		}
		must(tx.StmtContext(ctx, greatest).QueryRowContext(ctx).Scan(&id))
		id = max(id, highest) + 1
		_, err = tx.StmtContext(ctx, insert).ExecContext(ctx, fmt.Sprint(id), t.UserName, t.ClientID, t.ClientSecret.Reveal(), t.RefreshToken.Reveal(), t.AccessToken.Reveal(), t.APIDomain)
		must(err)
		_, err = tx.StmtContext(ctx, beside).ExecContext(ctx, t.SideKey(), fmt.Sprint(id), 1795308985119, 1795308985119, 1895308985119)
		must(err)
		_, err = tx.StmtContext(ctx, count).ExecContext(ctx, id)
		must(err)
		must(tx.Commit())
	}
}

func bareSave(b *testing.B, ctx context.Context, db *sql.DB, access func() string) func(i int) {
	b.Helper()
	prepare := preparer(b, db)
	lock := prepare(benchLock)
	read := prepare("SELECT id, user_name, client_id, client_secret, refresh_token, access_token, grant_token, expiry_time, redirect_url, api_domain FROM oauthtoken WHERE user_name = ? FOR UPDATE")
	update := prepare("UPDATE oauthtoken SET access_token = ?, expiry_time = ? WHERE id = ?")
	beside := prepare("UPDATE oauthtoken_zcrm SET updated_at = ? WHERE side_key = ?")
	return func(i int) {
		must := mustOf(b)
		tx, err := db.BeginTx(ctx, nil)
		must(err)
		var highest, changes int64
		must(tx.StmtContext(ctx, lock).QueryRowContext(ctx).Scan(&highest, &changes))
		var v [10]sql.NullString
		must(tx.StmtContext(ctx, read).QueryRowContext(ctx, benchUser(i)).Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8], &v[9]))
		_, err = tx.StmtContext(ctx, update).ExecContext(ctx, access(), "1795308985119", v[0].String)
		must(err)
		_, err = tx.StmtContext(ctx, beside).ExecContext(ctx, time.Now().UnixMilli(), user(benchUser(i)).SideKey())
		must(err)
		must(tx.Commit())
	}
}

// BenchmarkList lists 10,000 rows.
func BenchmarkList(b *testing.B) {
	s, _ := filledStore(b, false)
	for b.Loop() {
		n := 0
		for _, err := range s.List(context.Background()) {
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
	s, _ := filledStore(b, false)
	n := 0
	for b.Loop() {
		err := s.SaveAll(context.Background(), func(yield func(oauth.Token) bool) {
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
