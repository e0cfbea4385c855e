package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/postgres"
)

const (
	benchRows  = 10_000
	benchBlock = 20 // calls that are timed together
)

func benchUser(i int) string { return fmt.Sprintf("user%d@example.com:700000001", i) }

// filledStore has benchRows rows.
func filledStore(b *testing.B, url string, cfg postgres.Config) *opened {
	b.Helper()
	o := openWith(b, url, cfg)
	err := o.SaveAll(context.Background(), func(yield func(oauth.Token) bool) {
		for i := range benchRows {
			t := user(benchUser(i))
			t.Expiry, t.Scope = time.UnixMilli(1795308985119), "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL"
			if !yield(t) {
				return
			}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	run(b, o.db, "ANALYZE oauthtoken")
	run(b, o.db, "ANALYZE oauthtoken_zcrm")
	return o
}

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
// cancelled. Behind the pooler nothing is prepared on either side.
func BenchmarkFind(b *testing.B) {
	b.Run("direct", func(b *testing.B) { benchFind(b, filledStore(b, newURL(b), postgres.Config{}), true) })
	b.Run("pooler", func(b *testing.B) {
		benchFind(b, filledStore(b, poolerURL(b), postgres.Config{Pooler: true}), false)
	})
}

func benchFind(b *testing.B, o *opened, prepared bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	bare := bareFind(b, ctx, o.db, prepared)
	ours := func(i int) {
		if t, err := o.Find(ctx, oauth.Token{UserName: benchUser(i)}); err != nil || t.UserName != benchUser(i) {
			b.Fatal(t, err)
		}
	}
	for i := range benchRows {
		ours(i) // remembered from here on, as in a program that runs
	}
	compare(b, bare, ours)
}

func bareFind(b *testing.B, ctx context.Context, db *sql.DB, prepared bool) func(i int) {
	b.Helper()
	const text = `SELECT id, user_name, client_id, client_secret, refresh_token, access_token, grant_token,
		expiry_time, redirect_url, api_domain FROM oauthtoken WHERE user_name = $1`
	query := func(user string) *sql.Row { return db.QueryRowContext(ctx, text, user) }
	if prepared {
		stmt, err := db.Prepare(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { stmt.Close() })
		query = func(user string) *sql.Row { return stmt.QueryRowContext(ctx, user) }
	}
	return func(i int) {
		var v [10]sql.NullString
		err := query(benchUser(i)).Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8], &v[9])
		if err != nil || v[1].String != benchUser(i) {
			b.Fatal(v[1], err)
		}
	}
}

// BenchmarkSave compares a Save of a new access token with a bare transaction that
// does the same: it takes the lock between writers, reads the row, updates it,
// writes its side data and counts the change. "x-bare" of "naive" is against one
// that only reads the row and updates it.
func BenchmarkSave(b *testing.B) {
	b.Run("update", func(b *testing.B) { benchSave(b, bareSave) })
	b.Run("update/naive", func(b *testing.B) { benchSave(b, naiveSave) })
	b.Run("insert", func(b *testing.B) {
		o := filledStore(b, newURL(b), postgres.Config{})
		n := 0
		compare(b, func(i int) { inTransaction(b, o.db, func(conn *sql.Conn) { bareInsert(b, conn, i, &n) }) }, func(int) {
			n++
			if _, err := o.Save(context.Background(), user(fmt.Sprint("new-", n))); err != nil {
				b.Fatal(err)
			}
		})
	})
}

func benchSave(b *testing.B, bare func(testing.TB, *sql.Conn, int, string)) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := filledStore(b, newURL(b), postgres.Config{})
	n := 0
	access := func() string { n++; return fmt.Sprintf("1000.access.%d", n) }
	compare(b, func(i int) { inTransaction(b, o.db, func(conn *sql.Conn) { bare(b, conn, i, access()) }) }, func(i int) {
		if _, err := o.Save(ctx, oauth.Token{UserName: benchUser(i), AccessToken: oauth.NewSecret(access())}); err != nil {
			b.Fatal(err)
		}
	})
}

func inTransaction(b testing.TB, db *sql.DB, do func(conn *sql.Conn)) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	execOn(b, conn, "BEGIN ISOLATION LEVEL READ COMMITTED")
	do(conn)
	execOn(b, conn, "COMMIT")
}

func execOn(b testing.TB, conn *sql.Conn, text string, args ...any) {
	b.Helper()
	if _, err := conn.ExecContext(b.Context(), text, args...); err != nil {
		b.Fatal(err)
	}
}

func naiveSave(b testing.TB, conn *sql.Conn, i int, access string) {
	var id string
	if err := conn.QueryRowContext(b.Context(), "SELECT id FROM oauthtoken WHERE user_name = $1 FOR UPDATE", benchUser(i)).Scan(&id); err != nil {
		b.Fatal(err)
	}
	execOn(b, conn, "UPDATE oauthtoken SET access_token = $1, expiry_time = $2 WHERE id = $3", access, "1795308985119", id)
}

const (
	bareMeta     = "SELECT changes FROM oauthtoken_zcrm WHERE side_key = 'meta' FOR UPDATE"
	bareSetMeta  = "UPDATE oauthtoken_zcrm SET changes = $1 WHERE side_key = 'meta'"
	bareSetSide  = "UPDATE oauthtoken_zcrm SET updated_at = $1 WHERE side_key = $2"
	bareReadUser = `SELECT id, user_name, client_id, client_secret, refresh_token, access_token, grant_token,
		expiry_time, redirect_url, api_domain FROM oauthtoken WHERE user_name = $1 FOR UPDATE`
)

func bareSave(b testing.TB, conn *sql.Conn, i int, access string) {
	var changes int64
	if err := conn.QueryRowContext(b.Context(), bareMeta).Scan(&changes); err != nil {
		b.Fatal(err)
	}
	var v [10]sql.NullString
	err := conn.QueryRowContext(b.Context(), bareReadUser, benchUser(i)).
		Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8], &v[9])
	if err != nil {
		b.Fatal(err)
	}
	execOn(b, conn, "UPDATE oauthtoken SET access_token = $1, expiry_time = $2 WHERE id = $3", access, "1795308985119", v[0].String)
	execOn(b, conn, bareSetSide, time.Now().UnixMilli(), user(benchUser(i)).SideKey())
	execOn(b, conn, bareSetMeta, changes+1)
}

// bareInsert adds a new user with a new ID.
func bareInsert(b testing.TB, conn *sql.Conn, _ int, n *int) {
	*n++
	t := user(fmt.Sprint("bare-", *n))
	var changes int64
	if err := conn.QueryRowContext(b.Context(), bareMeta).Scan(&changes); err != nil {
		b.Fatal(err)
	}
	// Neither the user nor the login may be there.
	for _, key := range [][2]string{{"user_name", t.UserName}, {"refresh_token", t.RefreshToken.Reveal()}, {"access_token", t.AccessToken.Reveal()}} {
		var id string
		err := conn.QueryRowContext(b.Context(), "SELECT id FROM oauthtoken WHERE "+key[0]+" = $1 FOR UPDATE", key[1]).Scan(&id)
		if err != sql.ErrNoRows {
			b.Fatal(err)
		}
	}
	var highest int64
	if err := conn.QueryRowContext(b.Context(), "SELECT t.id::bigint FROM oauthtoken t ORDER BY t.id DESC LIMIT 1").Scan(&highest); err != nil {
		b.Fatal(err)
	}
	t.ID = fmt.Sprint(highest + 1)
	execOn(b, conn, insertRow, rowArguments(t.Row())...)
	execOn(b, conn, "INSERT INTO oauthtoken_zcrm (side_key, row_id, created_at, updated_at, check_at) VALUES ($1, $2, $3, $3, $4)",
		t.SideKey(), t.ID, time.Now().UnixMilli(), time.Now().Add(30*24*time.Hour).UnixMilli())
	execOn(b, conn, bareSetMeta, changes+1)
}

// BenchmarkSaveAll saves a thousand new users at once.
func BenchmarkSaveAll(b *testing.B) {
	o := open(b, newURL(b))
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
