package csvfile

import (
	"slices"

	"zohocrm/oauth"
)

// index finds rows by each of the keys.
type index [oauth.ByAccessToken + 1]map[string][]*row

func newIndex(rows []*row) *index {
	x := &index{}
	for k := range x {
		x[k] = make(map[string][]*row, len(rows))
	}
	for _, r := range rows {
		x.add(r)
	}
	return x
}

// key is [oauth.Key.Of] for columns.
func key(columns oauth.Row, k oauth.Key) string {
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
	for k := range x {
		if v := key(r.columns, oauth.Key(k)); v != "" {
			x[k][v] = append(x[k][v], r)
		}
	}
}

func (x *index) remove(r *row) {
	for k := range x {
		v := key(r.columns, oauth.Key(k))
		switch found := x[k][v]; {
		case len(found) > 1:
			x[k][v] = slices.DeleteFunc(found, func(o *row) bool { return o == r })
		case len(found) == 1 && found[0] == r:
			delete(x[k], v)
		}
	}
}

// find answers the rows with this value, and those that share an ID with them.
// Several come in no particular order.
func (x *index) find(k oauth.Key, value string) []*row {
	found := x[k][value]
	for _, r := range found {
		for _, twin := range x[oauth.ByID][r.columns.ID] {
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
