package csvfile

import (
	"hash/maphash"
	"slices"

	"zohocrm/oauth"
)

// index finds rows by each of the keys. It has no text of its own: a row is found
// by a hash, and then asked. Rows are known by numbers, since the garbage collector
// looks at each pointer of a map, of which there would be some for each row.
type index struct {
	seed    maphash.Seed
	rows    []*row              // by number; nil: the number is free
	free    []uint32            // numbers of rows that are gone
	first   map[uint32]uint32   // by the hash of a key and its value
	more    map[uint32][]uint32 // the second and further ones with the same hash
	doubled int                 // how many IDs are of several rows
}

// usualKeys is how many of the five keys most rows have.
const usualKeys = 4

func newIndex(rows []*row) *index {
	x := &index{
		seed: maphash.MakeSeed(), rows: make([]*row, 0, len(rows)),
		first: make(map[uint32]uint32, usualKeys*len(rows)), more: make(map[uint32][]uint32),
	}
	for _, r := range rows {
		x.add(r)
	}
	return x
}

// hash is short, since a map holds one for each key of each row; that some rows share
// one by chance costs little.
func (x *index) hash(k oauth.Key, value string) uint32 {
	const apart = 0x9e3779b97f4a7c15                                       // the same value as another key has another hash
	return uint32(maphash.String(x.seed, value)>>32 + apart*uint64(k)>>32) // #nosec G115 -- a hash; keys are 0 to 4
}

// key is [oauth.Key.Of] for columns.
func key(columns *oauth.Row, k oauth.Key) string {
	switch k {
	case oauth.ByID:
		return columns.ID
	case oauth.ByUserName:
		return columns.UserName
	case oauth.ByGrantToken:
		return columns.GrantToken
	case oauth.ByRefreshToken:
		return columns.RefreshToken
	}
	return columns.AccessToken
}

func (x *index) add(r *row) {
	n := x.number(r)
	columns := r.columns()
	for _, k := range oauth.Keys() {
		v := key(&columns, k)
		if v == "" {
			continue
		}
		h := x.hash(k, v)
		if _, taken := x.first[h]; taken {
			x.more[h] = append(x.more[h], n)
		} else {
			x.first[h] = n
		}
	}
	if len(x.of(r)) == 2 {
		x.doubled++
	}
}

// number gives a row a number.
func (x *index) number(r *row) uint32 {
	if last := len(x.free) - 1; last >= 0 {
		n := x.free[last]
		x.free = x.free[:last]
		x.rows[n] = r
		return n
	}
	x.rows = append(x.rows, r)
	return uint32(len(x.rows) - 1) // #nosec G115 -- four billion lines are no file that fits into memory
}

func (x *index) remove(r *row) {
	if len(x.of(r)) == 2 {
		x.doubled--
	}
	columns := r.columns()
	number, numbered := uint32(0), false
	gone := func(n uint32) bool {
		if x.rows[n] != r {
			return false
		}
		number, numbered = n, true
		return true
	}
	for _, k := range oauth.Keys() {
		v := key(&columns, k)
		if v == "" {
			continue
		}
		h := x.hash(k, v)
		first, more := x.first[h], x.more[h]
		if !gone(first) {
			more = slices.DeleteFunc(more, gone)
		} else if len(more) > 0 {
			x.first[h], more = more[0], more[1:]
		} else {
			delete(x.first, h)
		}
		if len(more) > 0 {
			x.more[h] = more
		} else {
			delete(x.more, h)
		}
	}
	if numbered { // it has an ID, and so one key at least
		x.rows[number] = nil
		x.free = append(x.free, number)
	}
}

// of is the rows that share r's ID, r among them.
func (x *index) of(r *row) []*row { return x.with(oauth.ByID, r.columns().ID) }

// with is the rows with this value, which is not empty.
func (x *index) with(k oauth.Key, value string) []*row {
	h := x.hash(k, value)
	first, is := x.first[h]
	if !is {
		return nil
	}
	var found []*row
	if r := x.rows[first]; r.has(k, value) {
		found = append(found, r)
	}
	for _, n := range x.more[h] {
		// A row whose keys have one hash by chance is there for each.
		if r := x.rows[n]; r.has(k, value) && !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	return found
}

// find answers the rows with this value, and those that share an ID with them.
// Several come in no particular order.
func (x *index) find(k oauth.Key, value string) []*row {
	found := x.with(k, value)
	if x.doubled == 0 {
		return found
	}
	for _, r := range found {
		for _, twin := range x.of(r) {
			if twin != r && !slices.Contains(found, twin) {
				found = append(found, twin)
			}
		}
	}
	return found
}

// turn makes the index of the rows before into that of the rows now. taken says
// which of the latter are of the former; they stand in the same order.
func (x *index) turn(before, now []*row, taken []bool) {
	var added []*row
	for i, r := range now {
		if !taken[i] {
			added = append(added, r)
			continue
		}
		for before[0] != r {
			x.remove(before[0])
			before = before[1:]
		}
		before = before[1:]
	}
	for _, gone := range before {
		x.remove(gone)
	}
	for _, r := range added {
		x.add(r)
	}
}
