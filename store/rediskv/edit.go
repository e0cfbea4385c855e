package rediskv

import "zohocrm/oauth"

// commands are what one change writes: for each command how many words it has,
// and the words.
type commands []any

func (c *commands) add(words ...any) {
	*c = append(append(*c, len(words)), words...)
}

// edit gathers what a change writes, so that many rows need few commands. A
// script can hand a command about 7,900 words: the members of a thousand rows
// are 2,000.
type edit struct {
	keys       keys
	rows       commands         // HSET and HDEL of rows
	in, out    map[string][]any // members of sorted sets, by key
	goneOf     []any            // keys of rows
	sortedSets []string         // the keys of in and out, in a fixed order
}

func newEdit(k keys) *edit {
	e := &edit{keys: k, in: map[string][]any{}, out: map[string][]any{}}
	e.sortedSets = k.fixed[orderKey:]
	return e
}

// edit is what makes the stored rows those that were planned.
func (st *state) edit() *edit {
	e := newEdit(st.store.keys)
	for _, id := range st.touched {
		old, stored := st.read[id]
		switch row := st.planned[id]; {
		case row != nil:
			e.put(*row, old, stored)
		case stored:
			e.remove(old)
		}
	}
	return e
}

// put writes row, in place of old if that is stored.
func (e *edit) put(row, old oauth.Token, stored bool) {
	set, unset := []any{"HSET", e.keys.row + row.ID}, []any{"HDEL", e.keys.row + row.ID}
	for i, v := range encode(row) {
		if v != "" {
			set = append(set, e.keys.fields[i], v)
		} else {
			unset = append(unset, e.keys.fields[i])
		}
	}
	e.rows.add(set...)
	if stored && len(unset) > 2 {
		e.rows.add(unset...)
	}
	for _, key := range indexed() {
		before, after := "", entry(row, key)
		if stored {
			before = entry(old, key)
		}
		if before != after {
			e.leave(e.keys.index(key), before)
			e.enter(e.keys.index(key), after)
		}
	}
	if !stored {
		e.enter(e.keys.fixed[orderKey], place(row.ID))
	}
}

// remove takes row away.
func (e *edit) remove(row oauth.Token) {
	for _, key := range indexed() {
		e.leave(e.keys.index(key), entry(row, key))
	}
	e.leave(e.keys.fixed[orderKey], place(row.ID))
	e.goneOf = append(e.goneOf, e.keys.row+row.ID)
}

func (e *edit) enter(key, member string) {
	if member != "" {
		e.in[key] = append(e.in[key], 0, member)
	}
}

func (e *edit) leave(key, member string) {
	if member != "" {
		e.out[key] = append(e.out[key], member)
	}
}

// commands are the edit's, the first of them one that fails when memory is full
// if any row is written.
func (e *edit) commands() commands {
	c := e.rows
	for _, key := range e.sortedSets {
		if members := e.out[key]; len(members) > 0 {
			c.add(append([]any{"ZREM", key}, members...)...)
		}
		if members := e.in[key]; len(members) > 0 {
			c.add(append([]any{"ZADD", key}, members...)...)
		}
	}
	if len(e.goneOf) > 0 {
		c.add(append([]any{"DEL"}, e.goneOf...)...)
	}
	return c
}
