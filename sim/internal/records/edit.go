package records

import (
	"errors"
	"maps"
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
	message string
	details map[string]any
	upsert  bool
	action  string // of an upsert: "insert" or "update"
	match   string // of an upsert: the field that found the record
}

// JSON is the result in the form of the API's answer.
func (r Result) JSON() map[string]any {
	if p := r.Problem; p != nil {
		return map[string]any{"code": p.Code, "message": p.Message, "details": p.Details, "status": "error"}
	}
	out := map[string]any{"code": "SUCCESS", "message": r.message, "details": r.details, "status": "success"}
	if r.upsert {
		out["action"], out["duplicate_field"] = r.action, nil
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
		if !t.module.has(name) {
			return nil, ErrDuplicateField
		}
	}
	if len(fields) == 0 {
		fields = t.module.checked()
	}
	var out []Result
	for i, values := range data {
		result := Result{}
		if r, field := t.match(values, fields); r != nil {
			result = b.update(e, i, r.id, values)
			result.action, result.match = "update", field
		} else {
			result = b.insert(e, i, values)
			result.action = "insert"
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
		t.remove(r, e.Now, e.By)
		out = append(out, Result{message: "record deleted", details: map[string]any{"id": id}})
	}
	return out
}

// Deleted lists the recycle bin, latest first.
func (b *Book) Deleted(module string, start, limit int) (rows []map[string]any, more bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	graves := b.tables[module].graves
	for i := len(graves) - 1 - start; i >= 0; i-- {
		if len(rows) == limit {
			return rows, true
		}
		g := graves[i]
		rows = append(rows, map[string]any{
			"id": g.id, "display_name": g.name, "type": "recycle",
			"deleted_time": g.at.Format(Stamp), "deleted_by": map[string]any{"name": g.by.Name, "id": g.by.ID},
		})
	}
	return rows, false
}

func (b *Book) insert(e Edit, i int, values map[string]any) Result {
	t := b.tables[e.Module]
	at := e.Now.Truncate(time.Second)
	r := &record{created: at, modified: at, owner: e.By, createdBy: e.By, modifiedBy: e.By, values: map[string]any{}}
	if p := b.fill(t, r, i, values); p != nil {
		return Result{Problem: p}
	}
	r.id = b.nextID()
	t.put(r)
	return Result{message: "record added", details: r.receipt()}
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
	if !e.Unmodified.IsZero() && old.modified.After(e.Unmodified) {
		return failed("ALREADY_MODIFIED", "the record was modified after the time given", map[string]any{"id": id})
	}
	changed := *old
	changed.values = maps.Clone(old.values)
	changed.modified, changed.modifiedBy = e.Now.Truncate(time.Second), e.By
	if p := b.fill(t, &changed, i, values); p != nil {
		return Result{Problem: p}
	}
	t.put(&changed)
	return Result{message: "record updated", details: changed.receipt()}
}

// receipt is what a successful write tells about the record.
func (r *record) receipt() map[string]any {
	return map[string]any{
		"id":            r.id,
		"Created_Time":  r.created.Format(Stamp),
		"Modified_Time": r.modified.Format(Stamp),
		"Created_By":    map[string]any{"name": r.createdBy.Name, "id": r.createdBy.ID},
		"Modified_By":   map[string]any{"name": r.modifiedBy.Name, "id": r.modifiedBy.ID},
	}
}

// at names a field of the i-th record of a request.
func at(i int, name string) map[string]any {
	return map[string]any{"api_name": name, "json_path": "$.data[" + strconv.Itoa(i) + "]." + name}
}

// checked are the fields upsert compares when it is not told which.
func (m Module) checked() []string {
	fields := slices.Clone(m.Duplicates)
	for _, f := range m.Fields {
		if f.Unique {
			fields = append(fields, f.APIName)
		}
	}
	return fields
}
