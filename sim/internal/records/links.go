package records

import "slices"

// maxLinks bounds the related records of one record in one list.
const maxLinks = 10_000

// linkKey is a related list of one record, for lists that no lookup makes.
type linkKey struct{ module, id, list string }

// Relation finds a related list of a module.
func (m Module) Relation(name string) (Related, bool) {
	for _, r := range m.Related {
		if r.APIName == name {
			return r, true
		}
	}
	return Related{}, false
}

// RelatedMatch matches the records in a related list that a lookup makes.
func (b *Book) RelatedMatch(rel Related, id string) Matcher {
	b.mu.RLock()
	defer b.mu.RUnlock()
	s := b.tables[rel.Module].schema
	slot := s.slot(rel.Field)
	return func(r *record) bool { return string(plain(r.stored(slot))) == id }
}

// Linked are the IDs in a related list that no lookup makes, never nil.
func (b *Book) Linked(module, id string, rel Related) []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append([]string{}, b.links[linkKey{module, id, rel.APIName}]...)
}

// Link relates two records. added is false when they were related already.
func (b *Book) Link(module, id string, rel Related, other string) (added, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	there := linkKey{module, id, rel.APIName}
	if b.tables[module].find(id) == nil || b.tables[rel.Module].find(other) == nil || len(b.links[there]) >= maxLinks {
		return false, false
	}
	if slices.Contains(b.links[there], other) {
		return false, true
	}
	b.links[there] = append(b.links[there], other)
	if back, ok := b.mirror(module, rel); ok {
		key := linkKey{rel.Module, other, back}
		b.links[key] = append(b.links[key], id)
	}
	return true, true
}

// Unlink takes a relation away. It reports whether there was one.
func (b *Book) Unlink(module, id string, rel Related, other string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	had := b.drop(linkKey{module, id, rel.APIName}, other)
	if back, ok := b.mirror(module, rel); ok {
		b.drop(linkKey{rel.Module, other, back}, id)
	}
	return had
}

// mirror is the list on the other side that shows the same relations.
func (b *Book) mirror(module string, rel Related) (string, bool) {
	for _, back := range b.tables[rel.Module].Related {
		if back.Module == module && back.Field == "" && rel.APIName == rel.Module {
			return back.APIName, true
		}
	}
	return "", false
}

func (b *Book) drop(key linkKey, id string) bool {
	at := slices.Index(b.links[key], id)
	if at < 0 {
		return false
	}
	if b.links[key] = slices.Delete(b.links[key], at, at+1); len(b.links[key]) == 0 {
		delete(b.links, key)
	}
	return true
}

// unlink forgets all relations of a deleted record.
func (b *Book) unlink(module, id string) {
	if len(b.links) == 0 {
		return
	}
	for key, others := range b.links {
		if key.module == module && key.id == id {
			delete(b.links, key)
			continue
		}
		if slices.Contains(others, id) {
			b.drop(key, id)
		}
	}
}

// MoveLinks gives the relations and the notes of one record to another.
func (b *Book) MoveLinks(e Edit, from, module, to string) {
	notes := b.tables["Notes"]
	b.mu.Lock()
	defer b.mu.Unlock()
	target := b.tables[module].find(to)
	if target == nil {
		return
	}
	for _, r := range slices.Clone(notes.rows) {
		if string(plain(r.stored(notes.slot("Parent_Id")))) == from {
			d := revise(notes.schema, r)
			d.set("Parent_Id", link(b.tables[module], target, true))
			b.replace(Edit{Module: "Notes", Now: e.Now, By: e.By, Journal: e.Journal}, notes, r, d)
		}
	}
}
