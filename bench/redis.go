package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// redisRows measures the Redis store with rows that it saved itself. A lookup by a
// user's name reads an index and then the row, so the bare client sends a script
// that does that, in one round trip; its Save is a lookup and a script that writes
// if nobody else did meanwhile.
func redisRows(ctx context.Context, k *kit) (sheet, error) {
	at, err := k.place(ctx, inRedis)
	if err != nil {
		return sheet{}, err
	}
	store, err := k.store(ctx, at, open.Config{})
	if err != nil {
		return sheet{}, err
	}
	if err := oauth.SaveAll(ctx, store, crowd(tokens)); err != nil {
		return sheet{}, err
	}
	b, err := k.bareRedis(ctx)
	if err != nil {
		return sheet{}, err
	}
	return sheet{rows: []row{
		{
			name: "Redis Find among 10,000", other: "the bare client: one script that looks a user up in an index and reads the row",
			ours: finding(ctx, store), theirs: b.finding(ctx), atMost: 1.2,
		},
		{
			name: "Redis Save among 10,000", other: "the bare client: that script, and one that writes row and index if nobody else did",
			ours: saving(ctx, store), theirs: b.saving(ctx), atMost: 1.5,
		},
		{
			name: "Redis Save of a new user", other: "the bare client: that script, and one that writes row and indexes if nobody else did",
			ours: adding(ctx, store), theirs: b.adding(ctx), atMost: 1.5,
		},
	}}, nil
}

// The bare client keeps a hash for each row, under row:ID, and the IDs that have a
// value in a column by which rows are found in a set, under by:COLUMN:VALUE.
const (
	bareFields = "'id', 'user_name', 'client_id', 'client_secret', 'refresh_token', 'access_token', 'grant_token', 'expiry_time', " +
		"'redirect_url', 'api_domain', 'scope', 'accounts_url', 'created_at', 'updated_at', 'last_used_at'"

	// bareFind reads the rows of a user.
	bareFind = `
local rows = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  rows[#rows + 1] = redis.call('HMGET', ARGV[1] .. id, ` + bareFields + `)
end
return rows`

	// bareUpdate gives a row another access token if it still has the one that was read.
	bareUpdate = `
if redis.call('HGET', KEYS[1], 'access_token') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'access_token', ARGV[3], 'expiry_time', ARGV[4], 'updated_at', ARGV[5])
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
return 1`

	// bareInsert adds a row under the next ID if its user still has none.
	bareInsert = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local id = redis.call('INCR', KEYS[4])
redis.call('HSET', ARGV[1] .. id, 'id', id, unpack(ARGV, 2))
for i = 1, 3 do redis.call('SADD', KEYS[i], id) end
return id`
)

// bareRedis is the bare client. It is for one goroutine.
type bareRedis struct {
	client *redis.Client
	lead   string // how its keys begin

	find, update, insert *redis.Script
}

func (k *kit) bareRedis(ctx context.Context) (*bareRedis, error) {
	at, err := k.place(ctx, inRedis)
	if err != nil {
		return nil, err
	}
	server, prefix, _ := strings.Cut(at, "?prefix=")
	b := &bareRedis{lead: "{" + prefix + "}:", find: redis.NewScript(bareFind), update: redis.NewScript(bareUpdate), insert: redis.NewScript(bareInsert)}
	if b.client, err = k.redis(server); err != nil {
		return nil, err
	}
	for t := range crowd(tokens) {
		if err := b.add(ctx, t); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *bareRedis) row() string { return b.lead + "row:" }

func (b *bareRedis) index(column, value string) string { return b.lead + "by:" + column + ":" + value }

// get reads a user's row; nil: there is none.
func (b *bareRedis) get(ctx context.Context, user string) ([]any, error) {
	rows, err := b.find.Run(ctx, b.client, []string{b.index("user_name", user)}, b.row()).Slice()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	row, _ := rows[0].([]any)
	return row, nil
}

// add adds a row, whose ID the server chooses.
func (b *bareRedis) add(ctx context.Context, t oauth.Token) error {
	args := []any{b.row()}
	columns := oauth.Columns()
	for i, v := range t.Row().Values() {
		if i > 0 && columns[i] != "grant_token" { // there is none
			args = append(args, columns[i], v)
		}
	}
	now := time.Now().UnixMilli()
	args = append(args, "created_at", now, "updated_at", now)
	keys := []string{
		b.index("user_name", t.UserName), b.index("refresh_token", t.RefreshToken.Reveal()), b.index("access_token", t.AccessToken.Reveal()),
		b.lead + "highest",
	}
	return b.insert.Run(ctx, b.client, keys, args...).Err()
}

func (b *bareRedis) finding(ctx context.Context) side {
	p := newPicker(tokens)
	return each(func() error {
		row, err := b.get(ctx, userName(p.next()))
		if err == nil && (row == nil || row[5] == "") {
			err = errors.New("a user has no token")
		}
		return err
	})
}

func (b *bareRedis) saving(ctx context.Context) side {
	p := newPicker(tokens)
	return each(func() error {
		row, err := b.get(ctx, userName(p.next()))
		if err != nil || row == nil {
			return fmt.Errorf("a user is not there: %w", err)
		}
		id, old, fresh := fmt.Sprint(row[0]), fmt.Sprint(row[5]), p.access().Reveal()
		done, err := b.update.Run(ctx, b.client,
			[]string{b.row() + id, b.index("access_token", old), b.index("access_token", fresh)},
			id, old, fresh, expiry().UnixMilli(), time.Now().UnixMilli()).Int()
		if err == nil && done != 1 {
			err = errors.New("nothing was written")
		}
		return err
	})
}

func (b *bareRedis) adding(ctx context.Context) side {
	n := tokens
	return each(func() error {
		n++
		t := token(n)
		if row, err := b.get(ctx, t.UserName); err != nil || row != nil {
			return fmt.Errorf("a new user is there already, or cannot be looked for: %w", err)
		}
		return b.add(ctx, t)
	})
}
