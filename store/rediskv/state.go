package rediskv

import (
	"cmp"
	"fmt"
	"slices"

	"zohocrm/oauth"
)

// state is the rows that a look found, as the plans made so far leave them.
type state struct {
	store *Store
	look  look

	read    map[string]oauth.Token  // rows as they are stored, by ID, once they were wanted
	planned map[string]*oauth.Token // rows as they are to be; nil: gone
	touched []string                // the IDs of planned, in the order in which they came
	by      map[keyValue][]string   // IDs of planned rows that have, or had, this value

	highest  int64 // the greatest number ever given as an ID, or planned to be
	reserved int64 // up to here numbers are nobody else's; 0: none
	drawn    bool  // an ID was made from what the look says is the highest
	inserts  bool
}

type keyValue struct {
	key   oauth.Key
	value string
}

func newState(s *Store, l look) *state {
	return &state{
		store: s, look: l,
		read: map[string]oauth.Token{}, planned: map[string]*oauth.Token{}, by: map[keyValue][]string{},
	}
}

// rows is the oauth.Rows for the look's token with this number.
func (st *state) rows(token int) oauth.Rows {
	t := st.look.of[token]
	return func(k oauth.Key, value string) ([]oauth.Token, error) {
		if k.Of(t) != value || t.ID != "" && k > oauth.ByUserName {
			return nil, fmt.Errorf("redis: a row is wanted by a %s that was not looked up", k.Column())
		}
		ids := st.look.hits[hit{token, k}]
		if more := st.by[keyValue{k, value}]; len(more) > 0 {
			ids = slices.Concat(ids, more)
			slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
			ids = slices.Compact(ids)
		}
		found := make([]oauth.Token, 0, len(ids))
		for _, id := range ids {
			row, ok, err := st.row(id)
			if err != nil {
				return nil, err
			}
			if ok && k.Of(row) == value {
				found = append(found, row)
			}
		}
		return found, nil
	}
}

// row is a row as it is to be.
func (st *state) row(id string) (oauth.Token, bool, error) {
	if t, ok := st.planned[id]; ok {
		if t == nil {
			return oauth.Token{}, false, nil
		}
		return *t, true, nil
	}
	if t, ok := st.read[id]; ok {
		return t, true, nil
	}
	raw, ok := st.look.raw[id]
	if !ok {
		return oauth.Token{}, false, nil
	}
	t, err := st.store.decodeRow(raw)
	if err != nil {
		return oauth.Token{}, false, err
	}
	st.read[id] = t
	return t, true, nil
}

// save plans the Save of the look's token with this number, and gives the row as
// it will be.
func (st *state) save(token int) (oauth.Token, error) {
	t := st.look.of[token]
	if err := t.Row().Check(MaxChars); err != nil {
		return oauth.Token{}, err
	}
	plan, err := oauth.PlanSave(t, st.store.now(), st.rows(token))
	if err != nil {
		return oauth.Token{}, err
	}
	row := plan.Row
	if row.ID == "" {
		if row.ID, err = st.nextID(); err != nil {
			return oauth.Token{}, err
		}
	}
	if row, err = asStored(row); err != nil {
		return oauth.Token{}, err
	}
	if !plan.ColumnsChange() && row.SameSide(plan.Old) {
		return row, nil // nothing to write
	}
	if plan.Insert() {
		st.inserts, st.highest = true, max(st.highest, oauth.NumberOf(row.ID))
	}
	st.put(row)
	if plan.Remove.Version != "" {
		st.remove(plan.Remove.ID)
	}
	return row, nil
}

// nextID is a number that was reserved, else the next after the highest.
func (st *state) nextID() (string, error) {
	if st.highest >= st.reserved {
		n, err := st.store.number(st.look.highest)
		if err != nil {
			return "", err
		}
		st.highest, st.drawn = max(st.highest, n), true
	}
	return oauth.NextID(st.highest, false, "")
}

func (st *state) put(row oauth.Token) {
	st.touch(row.ID)
	st.planned[row.ID] = &row
	for _, k := range oauth.Keys() {
		if value := k.Of(row); value != "" {
			at := keyValue{k, value}
			st.by[at] = append(st.by[at], row.ID)
		}
	}
}

func (st *state) remove(id string) {
	st.touch(id)
	st.planned[id] = nil
}

func (st *state) touch(id string) {
	if _, ok := st.planned[id]; !ok {
		st.touched = append(st.touched, id)
	}
}

// asStored is the row as it will be read again, with its Version.
func asStored(row oauth.Token) (oauth.Token, error) {
	stored, err := decode(encode(row))
	if err != nil || !stored.Expiry.Equal(row.Expiry) {
		return oauth.Token{}, &oauth.ValueError{Column: "expiry_time", Reason: "it is not a time between 1970 and 9999"}
	}
	return stored, nil
}
