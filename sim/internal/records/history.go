package records

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// maxEvents bounds the history that is remembered, for the whole book.
const maxEvents = 20_000

// timeline remembers the latest events, oldest first.
type timeline struct {
	events []event
	count  int // ever added
}

// event is something that happened to a record.
type event struct {
	number  int
	at      time.Time
	action  string // "added", "updated", "deleted" or another past participle
	by      Person
	module  *table
	id      string
	name    []byte // the record's name as JSON
	changes []change
}

// change is a field's value before and after.
type change struct {
	field    int
	old, new []byte // JSON
}

func (h *timeline) add(e event) {
	if len(h.events) >= maxEvents {
		h.events = slices.Delete(h.events, 0, maxEvents/10)
	}
	h.count++
	e.number = h.count
	h.events = append(h.events, e)
}

// differences are the fields in which two versions of a record differ, the
// server's own aside.
func (s *schema) differences(old, new *record) []change {
	var out []change
	for i, f := range s.Fields {
		if f.ReadOnly {
			continue
		}
		if before, after := old.value(s, i), new.value(s, i); !bytes.Equal(before, after) {
			out = append(out, change{field: i, old: before, new: after})
		}
	}
	return out
}

// Timeline lists what happened to a record, latest first unless ascending. A
// record that is older than the history shows that it was added.
func (b *Book) Timeline(module, id string, ascending bool, start, limit int) (rows []map[string]any, more, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	t := b.tables[module]
	r := t.find(id)
	if r == nil {
		return nil, false, false
	}
	var found []event
	for _, e := range b.history.events {
		if e.id == id {
			found = append(found, e)
		}
	}
	if len(found) == 0 || found[0].action != "added" {
		born := event{at: time.Unix(r.created, 0), action: "added", by: r.createdBy.Person, module: t, id: id, name: r.name(t.schema)}
		found = slices.Insert(found, 0, born)
	}
	if !ascending {
		slices.Reverse(found)
	}
	for i := min(start, len(found)); i < len(found); i++ {
		if len(rows) == limit {
			return rows, true, true
		}
		rows = append(rows, found[i].row())
	}
	return rows, false, true
}

// row is the event in the form of the timeline's answer.
func (e event) row() map[string]any {
	out := map[string]any{
		"id": e.id[:7] + strconv.Itoa(900_000_000_000+e.number), "audited_time": e.at.UTC().Format(Stamp), "action": e.action, "source": "crm_api", "type": nil,
		"done_by":        map[string]any{"name": e.by.Name, "id": e.by.ID},
		"record":         map[string]any{"name": json.RawMessage(e.name), "id": e.id, "module": map[string]any{"api_name": e.module.APIName, "id": e.module.ID()}},
		"related_record": nil, "automation_details": nil, "field_history": nil,
	}
	var fields []any
	for _, c := range e.changes {
		f := e.module.Fields[c.field]
		fields = append(fields, map[string]any{
			"api_name": f.APIName, "field_label": f.Label, "data_type": f.Type.API(), "id": e.module.FieldID(c.field),
			"_value": map[string]any{"new": json.RawMessage(shown(c.new)), "old": json.RawMessage(shown(c.old))},
		})
	}
	if fields != nil {
		out["field_history"] = fields
	}
	return out
}

// shown is a value as the history shows it: as text, a lookup by its ID.
func shown(value []byte) []byte {
	if isNull(value) {
		return []byte("null")
	}
	return quote(string(plain(value)))
}
