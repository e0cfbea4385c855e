package records

// Journal is a list of what was done to records, for whoever may have to undo
// it. The zero value is empty; a nil journal notes nothing.
type Journal struct{ entries []entry }

type entry struct {
	module, id string
	before     *record // nil: there was none
}

func (j *Journal) note(module, id string, before *record) {
	if j != nil {
		j.entries = append(j.entries, entry{module, id, before})
	}
}

// Undo takes back all that the journal lists, last change first. What others
// have written to the same records since then goes with it.
func (b *Book) Undo(j *Journal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(j.entries) - 1; i >= 0; i-- {
		e := j.entries[i]
		t := b.tables[e.module]
		if e.before != nil {
			t.put(e.before)
			t.exhume(e.id)
			continue
		}
		if r := t.find(e.id); r != nil {
			t.cut(r)
		}
	}
	j.entries = nil
}

// exhume takes a record out of the recycle bin.
func (t *table) exhume(id string) {
	for i := len(t.graves) - 1; i >= 0; i-- {
		if t.graves[i].id == id {
			t.graves = append(t.graves[:i], t.graves[i+1:]...)
			return
		}
	}
}
