package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"zohocrm/oauth"
)

// words are what SQL databases write differently.
type words struct {
	session   string // begins a connection; empty: nothing
	begin     string // starts a transaction that will write
	forUpdate string // ends a SELECT whose rows are locked
	dollars   bool   // arguments are $1, $2 and not ?
	known     string // counts the rows that have a name, a refresh or an access token; empty: as anywhere
	sideKey   int    // how many digits of a hash side rows are keyed by; 0: all
}

// bareTable is a token table and the table beside it under a program that does what
// a store does and no more: it knows what it finds, believes what it writes, and has
// every statement prepared. It is for one goroutine.
type bareTable struct {
	conn  *sql.Conn // of the transactions
	words words
	find  *sql.Stmt // of the pool
	lock, look, update, beside, count,
	known, greatest, insert, insertBeside *sql.Stmt
}

const (
	tenColumns = "id, user_name, client_id, client_secret, refresh_token, access_token, grant_token, expiry_time, redirect_url, api_domain"
	byUser     = "SELECT " + tenColumns + " FROM oauthtoken WHERE user_name = ?"
)

func newBareTable(ctx context.Context, k *kit, db *sql.DB, w words) (*bareTable, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	k.later(conn.Close)
	if w.session != "" {
		if _, err := conn.ExecContext(ctx, w.session); err != nil {
			return nil, err
		}
	}
	b := &bareTable{conn: conn, words: w}
	if b.find, err = db.PrepareContext(ctx, w.number(byUser)); err != nil {
		return nil, err
	}
	k.later(b.find.Close)
	for stmt, text := range map[**sql.Stmt]string{
		&b.lock:         "SELECT highest_id, changes FROM oauthtoken_zcrm WHERE side_key = 'meta'" + w.forUpdate,
		&b.look:         byUser + w.forUpdate,
		&b.update:       "UPDATE oauthtoken SET access_token = ?, expiry_time = ? WHERE id = ?",
		&b.beside:       "UPDATE oauthtoken_zcrm SET updated_at = ? WHERE side_key = ?",
		&b.count:        "UPDATE oauthtoken_zcrm SET highest_id = ?, changes = ? WHERE side_key = 'meta'",
		&b.known:        cmp.Or(w.known, "SELECT count(*) FROM oauthtoken WHERE user_name = ? OR refresh_token = ? OR access_token = ?"),
		&b.greatest:     "SELECT max(id) FROM oauthtoken",
		&b.insert:       "INSERT INTO oauthtoken (" + tenColumns + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&b.insertBeside: "INSERT INTO oauthtoken_zcrm (side_key, row_id, created_at, updated_at, check_at) VALUES (?, ?, ?, ?, ?)",
	} {
		if *stmt, err = conn.PrepareContext(ctx, w.number(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		k.later((*stmt).Close)
	}
	return b, nil
}

// number writes each "?" as the database's placeholder.
func (w words) number(text string) string {
	if !w.dollars {
		return text
	}
	var b strings.Builder
	n := 0
	for _, c := range text {
		if c == '?' {
			n++
			b.WriteString("$" + strconv.Itoa(n))
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}

// columnsOf reads a user's row by a statement.
func columnsOf(ctx context.Context, stmt *sql.Stmt, user string) (v [10]sql.NullString, err error) {
	err = stmt.QueryRowContext(ctx, user).Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8], &v[9])
	return v, err
}

func (b *bareTable) finding(ctx context.Context) side {
	p := newPicker(tokens)
	return each(func() error {
		v, err := columnsOf(ctx, b.find, userName(p.next()))
		if err == nil && v[5].String == "" {
			err = errors.New("a user has no token")
		}
		return err
	})
}

// transaction runs do between BEGIN and COMMIT.
func (b *bareTable) transaction(ctx context.Context, do func() error) error {
	if _, err := b.conn.ExecContext(ctx, b.words.begin); err != nil {
		return err
	}
	if err := do(); err != nil {
		_, undo := b.conn.ExecContext(ctx, "ROLLBACK")
		return errors.Join(err, undo)
	}
	_, err := b.conn.ExecContext(ctx, "COMMIT")
	return err
}

func (b *bareTable) saving(ctx context.Context) side {
	p := newPicker(tokens)
	return each(func() error {
		return b.transaction(ctx, func() error {
			i := p.next()
			highest, changes, err := b.locked(ctx)
			if err != nil {
				return err
			}
			v, err := columnsOf(ctx, b.look, userName(i))
			if err != nil {
				return err
			}
			return execAll(ctx,
				call{b.update, []any{p.access().Reveal(), strconv.FormatInt(expiry().UnixMilli(), 10), v[0].String}},
				call{b.beside, []any{time.Now().UnixMilli(), b.sideKey(token(i))}},
				call{b.count, []any{highest, changes + 1}})
		})
	})
}

func (b *bareTable) adding(ctx context.Context) side {
	n := tokens
	return each(func() error {
		return b.transaction(ctx, func() error {
			n++
			t := token(n)
			highest, changes, err := b.locked(ctx)
			if err != nil {
				return err
			}
			var known int
			if err := b.known.QueryRowContext(ctx, t.UserName, t.RefreshToken.Reveal(), t.AccessToken.Reveal()).Scan(&known); err != nil || known > 0 {
				return fmt.Errorf("a new user is there already, or cannot be looked for: %w", err)
			}
			var greatest string
			if err := b.greatest.QueryRowContext(ctx).Scan(&greatest); err != nil {
				return err
			}
			highest = max(highest, oauth.NumberOf(greatest)) + 1
			t.ID = strconv.FormatInt(highest, 10)
			args := make([]any, 0, 10)
			for _, v := range t.Row().Values() {
				args = append(args, v)
			}
			now := time.Now()
			return execAll(ctx,
				call{b.insert, args},
				call{b.insertBeside, []any{b.sideKey(t), t.ID, now.UnixMilli(), now.UnixMilli(), now.Add(30 * 24 * time.Hour).UnixMilli()}},
				call{b.count, []any{highest, changes + 1}})
		})
	})
}

// locked reads the row that keeps other writers away.
func (b *bareTable) locked(ctx context.Context) (highest, changes int64, err error) {
	err = b.lock.QueryRowContext(ctx).Scan(&highest, &changes)
	return highest, changes, err
}

func (b *bareTable) sideKey(t oauth.Token) string {
	return t.SideKey()[:cmp.Or(b.words.sideKey, 64)]
}

type call struct {
	stmt *sql.Stmt
	args []any
}

func execAll(ctx context.Context, calls ...call) error {
	for _, c := range calls {
		done, err := c.stmt.ExecContext(ctx, c.args...)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("a bare statement changed %d rows: %w", n, err)
		}
	}
	return nil
}
