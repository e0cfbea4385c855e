// Package records keeps the CRM records of one simulated organisation: Leads,
// Contacts, Accounts and Deals, with the checks Zoho makes when they are
// written and the order it gives when they are listed. It knows nothing of HTTP
// or tokens and is given the time with every call that needs it.
package records

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Stamp is how Zoho writes times: ISO 8601 with a numeric zone, no fractions.
const Stamp = "2006-01-02T15:04:05-07:00"

// maxGraves bounds the deleted records that are remembered, per module.
const maxGraves = 10_000

// Person is a user as records name one.
type Person struct {
	ID, Name, Email string
}

// Book holds one organisation's records. It is safe for concurrent use.
type Book struct {
	newID  func(n int) string
	people []Person

	mu     sync.RWMutex
	lastID int
	tables map[string]*table
}

type table struct {
	module Module
	rows   []*record // by ID, ascending
	graves []grave   // oldest first
}

// record is replaced, never changed, when it is updated, so a reader may keep
// what it took under the lock.
type record struct {
	id         string
	created    time.Time
	modified   time.Time
	owner      Person
	createdBy  Person
	modifiedBy Person
	values     map[string]any
}

type grave struct {
	id, name string
	at       time.Time
	by       Person
}

// New returns a book without records. newID makes the record ID for a number
// that is never used twice; all IDs must have the same length. people are the
// organisation's users; the first owns the made-up records.
func New(newID func(n int) string, people []Person) *Book {
	b := &Book{newID: newID, people: people, tables: make(map[string]*table)}
	for _, m := range Modules() {
		b.tables[m.APIName] = &table{module: m}
	}
	return b
}

// Has reports whether there is such a module.
func (b *Book) Has(module string) bool { return b.tables[module] != nil }

func (t *table) index(id string) (int, bool) {
	return slices.BinarySearchFunc(t.rows, id, func(r *record, id string) int { return strings.Compare(r.id, id) })
}

func (t *table) find(id string) *record {
	if i, ok := t.index(id); ok {
		return t.rows[i]
	}
	return nil
}

// put stores a record under its ID, new or not.
func (t *table) put(r *record) {
	i, ok := t.index(r.id)
	if ok {
		t.rows[i] = r
		return
	}
	t.rows = slices.Insert(t.rows, i, r)
}

func (t *table) remove(r *record, at time.Time, by Person) {
	i, ok := t.index(r.id)
	if !ok {
		return
	}
	t.rows = slices.Delete(t.rows, i, i+1)
	if len(t.graves) >= maxGraves {
		t.graves = slices.Delete(t.graves, 0, 1)
	}
	t.graves = append(t.graves, grave{id: r.id, name: r.name(t.module), at: at, by: by})
}

// name is what a lookup shows of a record.
func (r *record) name(m Module) string {
	name, _ := r.values[m.NameField].(string)
	return name
}

// field is one value of a record, in the form of the API's JSON.
func (r *record) field(name string) (any, bool) {
	switch name {
	case "id":
		return r.id, true
	case "Owner":
		return r.owner.json(), true
	case "Created_By":
		return r.createdBy.json(), true
	case "Modified_By":
		return r.modifiedBy.json(), true
	case "Created_Time":
		return r.created.Format(Stamp), true
	case "Modified_Time":
		return r.modified.Format(Stamp), true
	case "Full_Name":
		first, _ := r.values["First_Name"].(string)
		last, _ := r.values["Last_Name"].(string)
		return strings.TrimSpace(first + " " + last), true
	}
	v, ok := r.values[name]
	return v, ok
}

// row is the record as JSON: the named fields, or all the module has. The ID
// is always there, an empty field is null, an unknown one is left out.
func (r *record) row(m Module, fields []string) map[string]any {
	out := map[string]any{"id": r.id}
	if len(fields) == 0 {
		for _, f := range m.Fields {
			out[f.APIName], _ = r.field(f.APIName)
		}
		return out
	}
	for _, name := range fields {
		if m.has(name) {
			out[name], _ = r.field(name)
		}
	}
	return out
}

func (p Person) json() map[string]any {
	return map[string]any{"name": p.Name, "id": p.ID, "email": p.Email}
}

// ValidID reports whether an ID has the form of a record ID.
func ValidID(id string) bool {
	_, err := strconv.ParseUint(id, 10, 64)
	return err == nil && len(id) >= 15 && len(id) <= 19
}
