package records

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Edit says who writes to which module, and when.
type Edit struct {
	Module string // must be one that the book has
	Now    time.Time
	By     Person
	// Unmodified refuses to update a record that was modified after it. Zero: no condition.
	Unmodified time.Time
	// Journal notes what is done so that it can be undone. nil: it cannot.
	Journal *Journal
}

// Problem is why a record was not written.
type Problem struct {
	Code    string
	Message string
	Details map[string]any
}

// Status is the HTTP status of an answer in which all records have this problem.
func (p *Problem) Status() int {
	if p.Code == "ALREADY_MODIFIED" {
		return http.StatusPreconditionFailed
	}
	return http.StatusBadRequest
}

// Result is what became of one record of a write.
type Result struct {
	Problem *Problem // nil: it was written
	ID      string   // of the record that was written
	Action  string   // "insert", "update" or "delete"; "" when nothing was written
	Fields  []string // that an update changed
	message string
	details map[string]any
	upsert  bool
	match   string // of an upsert: the field that found the record
}

// JSON is the result in the form of the API's answer.
func (r Result) JSON() map[string]any {
	if p := r.Problem; p != nil {
		return map[string]any{"code": p.Code, "message": p.Message, "details": p.Details, "status": "error"}
	}
	out := map[string]any{"code": "SUCCESS", "message": r.message, "details": r.details, "status": "success"}
	if r.upsert {
		out["action"], out["duplicate_field"] = r.Action, nil
		if r.match != "" {
			out["duplicate_field"] = r.match
		}
	}
	return out
}

func failed(code, message string, details map[string]any) Result {
	return Result{Problem: &Problem{Code: code, Message: message, Details: details}}
}

// Insert adds records.
func (b *Book) Insert(e Edit, data []map[string]any) []Result {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Result
	for i, values := range data {
		out = append(out, b.insert(e, i, values))
	}
	return out
}

// Update changes records; each item must have the "id" of one. Fields that an
// item does not name stay, those it sets to null are emptied.
func (b *Book) Update(e Edit, data []map[string]any) []Result {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Result
	for i, values := range data {
		id, _ := values["id"].(string)
		out = append(out, b.update(e, i, id, values))
	}
	return out
}

// ErrDuplicateField says that upsert was asked to compare a field the module
// does not have.
var ErrDuplicateField = errors.New("records: no such duplicate check field")

// Upsert updates the record that an item matches, and inserts the item if it
// matches none. The fields compared are the given ones, else the module's own
// duplicate check fields and then its unique ones (Zoho: upsert-records page).
func (b *Book) Upsert(e Edit, data []map[string]any, fields []string) ([]Result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[e.Module]
	for _, name := range fields {
		if name != "id" && !t.has(name) {
			return nil, ErrDuplicateField
		}
	}
	if len(fields) == 0 {
		fields = t.checked()
	}
	var out []Result
	for i, values := range data {
		var result Result
		r, field := t.match(values, fields)
		if id, ok := idOf(values); ok && r == nil {
			r = t.find(id) // an item with an ID means that record
		}
		if r != nil {
			result = b.update(e, i, r.id, values)
			result.match = field
		} else {
			result = b.insert(e, i, values)
		}
		result.upsert = true
		out = append(out, result)
	}
	return out, nil
}

// Delete moves records to the recycle bin.
func (b *Book) Delete(e Edit, ids []string) []Result {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[e.Module]
	var out []Result
	for _, id := range ids {
		r := t.find(id)
		if r == nil {
			out = append(out, failed("INVALID_DATA", "the id given seems to be invalid", map[string]any{"id": id}))
			continue
		}
		e.Journal.note(e.Module, id, r)
		t.bury(r, e.Now, e.By)
		b.unlink(e.Module, id)
		b.history.add(event{at: e.Now, action: "deleted", by: e.By, module: t, id: id, name: r.name(t.schema)})
		out = append(out, Result{ID: id, Action: "delete", message: "record deleted", details: map[string]any{"id": id}})
	}
	return out
}

// Deleted lists the recycle bin, latest first; since leaves out what was
// deleted before it.
func (b *Book) Deleted(module string, since time.Time, start, limit int) (rows []map[string]any, more bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	graves := b.tables[module].graves
	for _, g := range slices.Backward(graves) {
		if !since.IsZero() && !g.at.After(since) {
			continue
		}
		if start--; start >= 0 {
			continue
		}
		if len(rows) == limit {
			return rows, true
		}
		by := map[string]any{"name": g.by.Name, "id": g.by.ID}
		rows = append(rows, map[string]any{
			"id": g.id, "display_name": g.name, "type": "recycle",
			"deleted_time": g.at.UTC().Format(Stamp), "deleted_by": by, "created_by": by,
		})
	}
	return rows, false
}

func (b *Book) insert(e Edit, i int, values map[string]any) Result {
	t := b.tables[e.Module]
	if len(t.rows) >= MaxRows {
		return failed("LIMIT_EXCEEDED", "the module is full", map[string]any{"limit": MaxRows})
	}
	d := newDraft(t.schema)
	d.created, d.modified = e.Now.Unix(), e.Now.Unix()
	d.owner = b.author(e.By)
	d.createdBy, d.changedBy = d.owner, d.owner
	if p := b.fill(t, d, i, values); p != nil {
		return Result{Problem: p}
	}
	return b.add(e, t, d)
}

// add stores a draft as a new record.
func (b *Book) add(e Edit, t *table, d *draft) Result {
	d.id = b.nextID()
	r := d.seal()
	e.Journal.note(e.Module, r.id, nil)
	t.put(r)
	b.history.add(event{at: e.Now, action: "added", by: e.By, module: t, id: r.id, name: r.name(t.schema)})
	return Result{ID: r.id, Action: "insert", message: "record added", details: r.receipt()}
}

func (b *Book) update(e Edit, i int, id string, values map[string]any) Result {
	t := b.tables[e.Module]
	old := t.find(id)
	if old == nil {
		if id == "" {
			return failed("MANDATORY_NOT_FOUND", "required field not found", at(i, "id"))
		}
		return failed("INVALID_DATA", "the id given seems to be invalid", at(i, "id"))
	}
	if !e.Unmodified.IsZero() && old.modified > e.Unmodified.Unix() {
		return failed("ALREADY_MODIFIED", "the record was modified after the time given", map[string]any{"id": id})
	}
	d := revise(t.schema, old)
	if p := b.fill(t, d, i, values); p != nil {
		return Result{Problem: p}
	}
	return b.replace(e, t, old, d)
}

// replace stores a draft in place of the record it was made from.
func (b *Book) replace(e Edit, t *table, old *record, d *draft) Result {
	d.modified, d.changedBy = e.Now.Unix(), b.author(e.By)
	r := d.seal()
	e.Journal.note(e.Module, old.id, old)
	t.put(r)
	changes := t.differences(old, r)
	b.history.add(event{at: e.Now, action: "updated", by: e.By, module: t, id: r.id, name: r.name(t.schema), changes: changes})
	result := Result{ID: r.id, Action: "update", message: "record updated", details: r.receipt()}
	for _, c := range changes {
		result.Fields = append(result.Fields, t.Fields[c.field].APIName)
	}
	return result
}

// receipt is what a successful write tells about the record.
func (r *record) receipt() map[string]any {
	return map[string]any{
		"id":            r.id,
		"Created_Time":  time.Unix(r.created, 0).UTC().Format(Stamp),
		"Modified_Time": time.Unix(r.modified, 0).UTC().Format(Stamp),
		"Created_By":    map[string]any{"name": r.createdBy.Name, "id": r.createdBy.ID},
		"Modified_By":   map[string]any{"name": r.changedBy.Name, "id": r.changedBy.ID},
	}
}

// at names a field of the i-th record of a request.
func at(i int, name string) map[string]any {
	return map[string]any{"api_name": name, "json_path": "$.data[" + strconv.Itoa(i) + "]." + name}
}

// Done is the result of something else that was done to a record.
func Done(message, id string) Result {
	return Result{message: message, details: map[string]any{"id": id}}
}

// Failed is the result of something that cannot be done to the i-th record of a
// request because of a field.
func Failed(code, message string, i int, name string) Result {
	return failed(code, message, at(i, name))
}
