package memory

import (
	"maps"
	"slices"

	"zohocrm/oauth"
)

// table is rows and an index, so that no call searches them from end to end. A
// row's place is a number that stays with it; places in order are the order in
// which the rows came.
type table struct {
	rows    map[int]*oauth.Token // by place; what is pointed at is replaced, never changed
	next    int                  // the place of the next row
	index   map[entry][]int      // places, in order, of the rows that have a key
	journal []change             // what was done since the last commit
}

// entry is one value of one key. Empty values have none.
type entry struct {
	key   oauth.Key
	value string
}

// change is what stood at a place before; nil: nothing.
type change struct {
	place int
	was   *oauth.Token
}

// newTable gives a pointer, so that printing a struct that holds a Store in an
// unexported field (where fmt calls no methods) shows an address.
func newTable() *table {
	return &table{rows: make(map[int]*oauth.Token), index: make(map[entry][]int)}
}

// find is [oauth.Rows].
func (t *table) find(k oauth.Key, value string) ([]oauth.Token, error) {
	places := t.index[entry{k, value}]
	found := make([]oauth.Token, len(places))
	for i, place := range places {
		found[i] = *t.rows[place]
	}
	return found, nil
}

// list is the rows in order.
func (t *table) list() []*oauth.Token {
	rows := make([]*oauth.Token, 0, len(t.rows))
	for _, place := range slices.Sorted(maps.Keys(t.rows)) {
		rows = append(rows, t.rows[place])
	}
	return rows
}

// place is where the row with this ID stands. IDs are unique here.
func (t *table) place(id string) int { return t.index[entry{oauth.ByID, id}][0] }

func (t *table) insert(row oauth.Token) {
	t.put(t.next, &row)
	t.next++
}

func (t *table) replace(id string, row oauth.Token) { t.put(t.place(id), &row) }

func (t *table) remove(id string) { t.put(t.place(id), nil) }

func (t *table) put(place int, row *oauth.Token) {
	t.journal = append(t.journal, change{place, t.rows[place]})
	t.set(place, row)
}

// commit makes what was done stand.
func (t *table) commit() { t.journal = nil }

// rollback undoes what was done since the last commit.
func (t *table) rollback() {
	for _, c := range slices.Backward(t.journal) {
		t.set(c.place, c.was)
	}
	t.commit()
}

// set is put without a note in the journal.
func (t *table) set(place int, row *oauth.Token) {
	var none oauth.Token
	was, is := t.rows[place], row
	if was == nil {
		was = &none
	}
	if is == nil {
		is = &none
		delete(t.rows, place)
	} else {
		t.rows[place] = row
	}
	for _, k := range oauth.Keys() {
		if before, after := k.Of(*was), k.Of(*is); before != after {
			t.unlink(entry{k, before}, place)
			t.link(entry{k, after}, place)
		}
	}
}

func (t *table) link(e entry, place int) {
	if e.value == "" {
		return
	}
	at, _ := slices.BinarySearch(t.index[e], place)
	t.index[e] = slices.Insert(t.index[e], at, place)
}

func (t *table) unlink(e entry, place int) {
	places := t.index[e]
	at, there := slices.BinarySearch(places, place)
	switch {
	case !there:
	case len(places) == 1:
		delete(t.index, e)
	default:
		t.index[e] = slices.Delete(places, at, at+1)
	}
}
