package records

import "strings"

// index finds records by a field's value, ignoring case. It is made when a
// field is first looked for and kept up from then on.
type index map[string][]string // IDs by value

func (t *table) key(r *record, field int) string {
	return strings.ToLower(string(plain(r.value(t.schema, field))))
}

// lookFor finds the record with the lowest ID that has a value.
func (t *table) lookFor(field int, value string) *record {
	ix := t.indexes[field]
	if ix == nil {
		ix = make(index)
		t.indexes[field] = ix
		for _, r := range t.rows {
			ix.add(t.key(r, field), r.id)
		}
	}
	lowest := ""
	for _, id := range ix[strings.ToLower(value)] {
		if lowest == "" || id < lowest {
			lowest = id
		}
	}
	if lowest == "" {
		return nil
	}
	return t.find(lowest)
}

func (t *table) index(r *record) {
	for field, ix := range t.indexes {
		ix.add(t.key(r, field), r.id)
	}
}

func (t *table) unindex(r *record) {
	for field, ix := range t.indexes {
		ix.drop(t.key(r, field), r.id)
	}
}

func (ix index) add(key, id string) {
	if key != "" {
		ix[key] = append(ix[key], id)
	}
}

func (ix index) drop(key, id string) {
	ids := ix[key]
	for i := range ids {
		if ids[i] == id {
			ids[i] = ids[len(ids)-1]
			ids = ids[:len(ids)-1]
			break
		}
	}
	if len(ids) == 0 {
		delete(ix, key)
		return
	}
	ix[key] = ids
}
