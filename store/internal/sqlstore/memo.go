package sqlstore

import (
	"slices"

	"zohocrm/oauth"
)

// memo is what is known of the tables for a while: the rows that have a key, and
// side rows. It is filled for many keys at once, or answer by answer. A
// transaction keeps it up with what it writes.
type memo struct {
	dialect Dialect
	rows    [5]map[string][]*oauth.Token // by oauth.Key and value; known to be all of them
	sides   map[string]beside            // by side key; that one does not exist is known too
}

func newMemo(d Dialect) memo {
	m := memo{dialect: d, sides: make(map[string]beside)}
	for k := range m.rows {
		m.rows[k] = make(map[string][]*oauth.Token)
	}
	return m
}

// look looks up the rows that have one of these values as their key, with their
// side data, unless they are known.
func (m *memo) look(b bulk, k oauth.Key, values []string) error {
	values = unlearnt(m.rows[k], values)
	found, err := b.rowsBy(k, values)
	if err != nil {
		return err
	}
	tokens, keys := make([]oauth.Token, len(found)), make([]string, len(found))
	damaged := make(map[string]bool)
	for i, row := range found {
		t, err := b.token(row)
		if err != nil {
			damaged[keyOf(row, k)] = true // whoever asks for this very row meets it
			continue
		}
		tokens[i], keys[i] = t, m.dialect.sideKey(t)
	}
	if err := m.lookSides(b, keys); err != nil {
		return err
	}
	for _, value := range values {
		if !damaged[value] {
			m.rows[k][value] = nil
		}
	}
	for i := range tokens {
		if value := keyOf(found[i], k); !damaged[value] {
			tokens[i] = m.withSide(tokens[i], keys[i])
			m.rows[k][value] = append(m.rows[k][value], &tokens[i])
		}
	}
	return nil
}

// learn takes all the rows that have a key, with their side data if those are
// known.
func (m *memo) learn(k oauth.Key, value string, found []oauth.Token) {
	var all []*oauth.Token
	for _, t := range found {
		t = m.withSide(t, m.dialect.sideKey(t))
		all = append(all, &t)
	}
	m.rows[k][value] = all
}

func (m *memo) withSide(t oauth.Token, key string) oauth.Token {
	if b, known := m.sides[key]; known {
		return t.WithSide(b.data())
	}
	return t
}

// copies are tokens that their holder may change.
func copies(found []*oauth.Token) []oauth.Token {
	all := make([]oauth.Token, len(found))
	for i, t := range found {
		all[i] = *t
	}
	return all
}

// lookSides looks up side rows, unless they are known.
func (m *memo) lookSides(b bulk, keys []string) error {
	sides, err := b.sidesBy(unlearnt(m.sides, keys))
	for key, side := range sides {
		m.sides[key] = side
	}
	return err
}

// presumeNoSide takes a side row for one that does not exist, unless it is known.
func (m *memo) presumeNoSide(key string) {
	if _, known := m.sides[key]; !known {
		m.sides[key] = beside{}
	}
}

func unlearnt[V any](known map[string]V, values []string) []string {
	var all []string
	seen := make(map[string]bool, len(values))
	for _, v := range values {
		if _, is := known[v]; !is && v != "" && !seen[v] {
			seen[v] = true
			all = append(all, v)
		}
	}
	return all
}

// change keeps the answers up with a row that takes the place of an old one;
// without a Version there is none.
func (m *memo) change(old, row oauth.Token) {
	is := func(t *oauth.Token) bool { return t.ID == old.ID }
	for _, k := range oauth.Keys() {
		before, after := k.Of(old), k.Of(row)
		if all, known := m.rows[k][before]; known && old.Version != "" {
			all = slices.Clone(all)
			if at := slices.IndexFunc(all, is); at >= 0 && before == after {
				all[at] = &row // where it was
				m.rows[k][before] = all
				continue
			}
			m.rows[k][before] = slices.DeleteFunc(all, is)
		}
		if all, known := m.rows[k][after]; known && row.Version != "" {
			m.rows[k][after] = append(slices.Clip(all), &row)
		}
	}
}
