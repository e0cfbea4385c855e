package rediskv

import (
	"context"
	"fmt"
	"strconv"

	"zohocrm/oauth"
)

// look is what was found by the keys of a token, at one moment.
type look struct {
	of      oauth.Token
	found   []any  // by oauth.Key: rows as the script gives them
	stamp   string // of all that was found
	highest string // the greatest number ever given as an ID
}

// lookArgs are the words by which a script looks for t. An ID that is given
// says which row is meant, there or not; beside it only the user's row counts.
func (s *Store) lookArgs(t oauth.Token) []any {
	args := make([]any, 0, 8) // two more are wanted for a change
	args = append(args, s.keys.row, t.ID)
	for _, key := range indexed() {
		h := ""
		if t.ID == "" || key == oauth.ByUserName {
			h = hash(t, key)
		}
		args = append(args, h)
	}
	return args
}

// find looks for t.
func (s *Store) find(ctx context.Context, t oauth.Token) (look, error) {
	reply, err := s.read(ctx, s.scripts.find, s.lookArgs(t))
	if err != nil {
		return look{}, err
	}
	found, err := list(reply, len(oauth.Keys()))
	return look{of: t, found: found}, err
}

// snapshot looks for t in a way that a change can be planned from.
func (s *Store) snapshot(ctx context.Context, t oauth.Token) (look, error) {
	reply, err := s.read(ctx, s.scripts.snapshot, s.lookArgs(t))
	if err != nil {
		return look{}, err
	}
	parts, err := list(reply, 3)
	if err != nil {
		return look{}, err
	}
	found, err := list(parts[2], len(oauth.Keys()))
	return look{of: t, found: found, stamp: text(parts[0]), highest: text(parts[1])}, err
}

// rows is the oauth.Rows of what was found.
func (s *Store) rows(l look) oauth.Rows {
	return func(k oauth.Key, value string) ([]oauth.Token, error) {
		if k.Of(l.of) != value || l.of.ID != "" && k > oauth.ByUserName {
			return nil, fmt.Errorf("redis: a row is wanted by a %s that was not looked up", k.Column())
		}
		return s.decodeRows(l.found[k])
	}
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

// highestNumber is look.highest as a number.
func (s *Store) highestNumber(l look) (int64, error) {
	n, err := strconv.ParseInt(l.highest, 10, 64)
	if err != nil {
		return 0, &oauth.CorruptError{Place: fmt.Sprintf("Redis key %q", s.keys.fixed[metaKey]), Reason: `its field "highest" is not a number; delete the field, and the greatest ID in use is taken`}
	}
	return n, nil
}

// list is an array of a reply, of n items unless n is negative.
func list(reply any, n int) ([]any, error) {
	items, ok := reply.([]any)
	if !ok || n >= 0 && len(items) != n {
		return nil, fmt.Errorf("%w: redis: the server answers a script in an unknown way (%T); is it a Redis?", oauth.ErrStoreUnavailable, reply)
	}
	return items, nil
}

// text is a string of a reply; anything else, a missing field for one, is "".
func text(reply any) string {
	s, _ := reply.(string)
	return s
}
