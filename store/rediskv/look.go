package rediskv

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"zohocrm/oauth"
)

// look is what was found by the keys of some tokens, at one moment.
type look struct {
	of      []oauth.Token
	hits    map[hit][]string // IDs of rows
	raw     map[string]any   // the rows by their IDs, as the script gives them
	stamp   string           // of all that was found
	highest string           // the greatest number ever given as an ID
}

// hit is one key of one token of a look.
type hit struct {
	token int // from 0
	key   oauth.Key
}

// lookArgs are the words by which a script looks for tokens. An ID that is given
// says which row is meant, there or not; beside it only the user's row counts.
func (s *Store) lookArgs(tokens []oauth.Token) []any {
	args := make([]any, 0, 2+5*len(tokens)+3) // three more are wanted for a change
	args = append(args, s.keys.row, len(tokens))
	for _, t := range tokens {
		args = append(args, t.ID)
		for _, key := range indexed() {
			h := ""
			if t.ID == "" || key == oauth.ByUserName {
				h = hash(t, key)
			}
			args = append(args, h)
		}
	}
	return args
}

// find gives the rows that t's keys lead to. A token with one key, as most are,
// needs no more than a look into one index.
func (s *Store) find(ctx context.Context, t oauth.Token) (oauth.Rows, error) {
	if t.ID != "" {
		return s.findID(ctx, t.ID)
	}
	var only []oauth.Key
	for _, key := range indexed() {
		if key.Of(t) != "" {
			only = append(only, key)
		}
	}
	switch len(only) {
	case 0:
		return nil, ctx.Err() // nothing is asked for
	case 1:
		reply, err := s.read(ctx, s.scripts.one[only[0]], []any{s.keys.row, hash(t, only[0])})
		return func(oauth.Key, string) ([]oauth.Token, error) { return s.decodeRows(reply) }, err
	}
	tokens := []oauth.Token{t}
	reply, err := s.read(ctx, s.scripts.find, s.lookArgs(tokens))
	if err != nil {
		return nil, err
	}
	l := look{of: tokens}
	if err := l.take(reply); err != nil {
		return nil, err
	}
	return newState(s, l).rows(0), nil
}

// findID reads one row, for which it takes no script.
func (s *Store) findID(ctx context.Context, id string) (oauth.Rows, error) {
	cmd := redis.NewSliceCmd(ctx, append([]any{"hmget", s.keys.row + id}, s.keys.fields...)...)
	if err := s.call(ctx, cmd); err != nil {
		return nil, err
	}
	row := cmd.Val()
	there := false
	for _, value := range row {
		there = there || value != nil
	}
	return func(k oauth.Key, _ string) ([]oauth.Token, error) {
		if k != oauth.ByID || !there {
			return nil, nil
		}
		t, err := s.decodeRow(append(row[:len(row):len(row)], id))
		return []oauth.Token{t}, err
	}, nil
}

// snapshot looks for tokens in a way that a change can be planned from.
func (s *Store) snapshot(ctx context.Context, tokens []oauth.Token) (look, error) {
	reply, err := s.read(ctx, s.scripts.snapshot, s.lookArgs(tokens))
	if err != nil {
		return look{}, err
	}
	parts, err := list(reply, 3)
	if err != nil {
		return look{}, err
	}
	l := look{of: tokens, stamp: text(parts[0]), highest: text(parts[1])}
	return l, l.take(parts[2])
}

// take reads what a script's look found.
func (l *look) take(reply any) error {
	parts, err := list(reply, 2)
	if err != nil {
		return err
	}
	hits, err := list(parts[0], -1)
	if err != nil {
		return err
	}
	rows, err := list(parts[1], -1)
	if err != nil {
		return err
	}
	l.hits, l.raw = make(map[hit][]string, len(hits)), make(map[string]any, len(rows))
	for _, row := range rows {
		values, err := list(row, fieldCount+1)
		if err != nil {
			return err
		}
		l.raw[text(values[fieldCount])] = row
	}
	for _, h := range hits {
		words, err := list(h, -1)
		if err != nil {
			return err
		}
		if len(words) < 2 {
			return unknownAnswer(h)
		}
		token, _ := words[0].(int64)
		key, _ := words[1].(int64)
		at := hit{int(token), oauth.Key(key)}
		for _, id := range words[2:] {
			l.hits[at] = append(l.hits[at], text(id))
		}
	}
	return nil
}

// decodeRows reads rows as scripts give them.
func (s *Store) decodeRows(reply any) ([]oauth.Token, error) {
	rows, err := list(reply, -1)
	if err != nil {
		return nil, err
	}
	tokens := make([]oauth.Token, 0, len(rows))
	for _, row := range rows {
		t, err := s.decodeRow(row)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
	}
	return tokens, nil
}

func (s *Store) decodeRow(reply any) (oauth.Token, error) {
	row, err := list(reply, fieldCount+1)
	if err != nil {
		return oauth.Token{}, err
	}
	var v [fieldCount]string
	for i := range v {
		v[i] = text(row[i])
	}
	id := text(row[fieldCount])
	if v[0] != id {
		return oauth.Token{}, &oauth.CorruptError{Place: fmt.Sprintf("Redis key %q", s.keys.row+id), Reason: "the ID in it is another or missing"}
	}
	return decode(v)
}

// number reads the greatest number ever given as an ID.
func (s *Store) number(highest string) (int64, error) {
	n, err := strconv.ParseInt(highest, 10, 64)
	if err != nil {
		return 0, &oauth.CorruptError{Place: fmt.Sprintf("Redis key %q", s.keys.fixed[metaKey]), Reason: `its field "highest" is not a number; delete the field, and the greatest ID in use is taken`}
	}
	return n, nil
}

// list is an array of a reply, of n items unless n is negative.
func list(reply any, n int) ([]any, error) {
	items, ok := reply.([]any)
	if !ok || n >= 0 && len(items) != n {
		return nil, unknownAnswer(reply)
	}
	return items, nil
}

func unknownAnswer(reply any) error {
	return fmt.Errorf("%w: redis: the server answers a script in an unknown way (%T); is it a Redis?", oauth.ErrStoreUnavailable, reply)
}

// text is a string of a reply; anything else, a missing field for one, is "".
func text(reply any) string {
	s, _ := reply.(string)
	return s
}
