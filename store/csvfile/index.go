package csvfile

import (
	"slices"

	"zohocrm/oauth"
)

// index finds rows by each of the keys.
type index struct {
	by      [oauth.ByAccessToken + 1]map[string][]*row
	doubled int // how many IDs are of several rows
}

func newIndex(rows []*row) *index {
	x := &index{}
	for k := range x.by {
		x.by[k] = make(map[string][]*row, len(rows))
	}
	for _, r := range rows {
		x.add(r)
	}
	return x
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
	for k := range x.by {
		if v := key(&r.columns, oauth.Key(k)); v != "" {
			x.by[k][v] = append(x.by[k][v], r)
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
	for k := range x.by {
		v := key(&r.columns, oauth.Key(k))
		switch found := x.by[k][v]; {
		case len(found) > 1:
			x.by[k][v] = slices.DeleteFunc(found, func(o *row) bool { return o == r })
		case len(found) == 1:
			delete(x.by[k], v)
		}
	}
}

// of is the rows that share r's ID, r among them.
func (x *index) of(r *row) []*row { return x.by[oauth.ByID][r.columns.ID] }

// find answers the rows with this value, and those that share an ID with them.
// Several come in no particular order.
func (x *index) find(k oauth.Key, value string) []*row {
	found := x.by[k][value]
	if x.doubled == 0 {
		return found
	}
	for _, r := range found {
		for _, twin := range x.of(r) {
			if twin != r && !slices.Contains(found, twin) {
				found = append(slices.Clip(found), twin)
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
