package csvfile

import (
	"hash/maphash"
	"slices"

	"zohocrm/oauth"
)

// index finds rows by each of the keys. It has no text of its own: a row is found
// by a hash, and then asked.
type index struct {
	seed    maphash.Seed
	first   map[uint64]*row   // by the hash of a key and its value
	more    map[uint64][]*row // the second and further ones with the same hash
	doubled int               // how many IDs are of several rows
}

// usualKeys is how many of the five keys most rows have.
const usualKeys = 4

func newIndex(rows []*row) *index {
	x := &index{seed: maphash.MakeSeed(), first: make(map[uint64]*row, usualKeys*len(rows)), more: make(map[uint64][]*row)}
	for _, r := range rows {
		x.add(r)
	}
	return x
}

func (x *index) hash(k oauth.Key, value string) uint64 {
	const apart = 0x9e3779b97f4a7c15                       // the same value as another key has another hash
	return maphash.String(x.seed, value) + apart*uint64(k) // #nosec G115 -- a hash; keys are 0 to 4
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
	columns := r.columns()
	for _, k := range oauth.Keys() {
		v := key(&columns, k)
		if v == "" {
			continue
		}
		h := x.hash(k, v)
		if x.first[h] == nil {
			x.first[h] = r
		} else {
			x.more[h] = append(x.more[h], r)
		}
	}
	if len(x.of(r)) == 2 {
		x.doubled++
	}
}

func (x *index) remove(r *row) {
	if len(x.of(r)) == 2 {
		x.doubled--
	}
	columns := r.columns()
	for _, k := range oauth.Keys() {
		v := key(&columns, k)
		if v == "" {
			continue
		}
		h := x.hash(k, v)
		more := x.more[h]
		if x.first[h] != r {
			more = slices.DeleteFunc(more, func(o *row) bool { return o == r })
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
}

// of is the rows that share r's ID, r among them.
func (x *index) of(r *row) []*row { return x.with(oauth.ByID, r.columns().ID) }

// with is the rows with this value, which is not empty.
func (x *index) with(k oauth.Key, value string) []*row {
	h := x.hash(k, value)
	var found []*row
	if r := x.first[h]; r != nil && r.has(k, value) {
		found = append(found, r)
	}
	for _, r := range x.more[h] {
		if r.has(k, value) {
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
