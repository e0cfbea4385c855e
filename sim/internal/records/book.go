// Package records keeps the CRM records of one simulated organisation, with the
// checks Zoho makes when they are written and the order it gives when they are
// listed; it searches and queries them, and keeps what hangs on them: tags,
// related records, history. It knows nothing of HTTP or tokens and is given the
// time with every call that needs it.
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
	newID func(n int) string

	mu      sync.RWMutex
	people  map[string]*person // by ID
	owner   *person            // of the made-up records
	lastID  int
	order   []string // modules as they are listed
	tables  map[string]*table
	links   map[linkKey][]string
	history timeline
}

type table struct {
	*schema
	rows    []*record // by ID, ascending
	graves  []grave   // oldest first
	version int       // counts changes
	indexes map[int]index
	tags    []*Tag

	sorting sync.Mutex // guards sorted, for readers who sort
	sorted  map[string]sorted
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
	b := &Book{newID: newID, people: make(map[string]*person), tables: make(map[string]*table), links: make(map[linkKey][]string)}
	for i, m := range Modules() {
		b.order = append(b.order, m.APIName)
		b.tables[m.APIName] = &table{schema: newSchema(m, i+1), indexes: make(map[int]index), sorted: make(map[string]sorted)}
	}
	for i, p := range people {
		b.AddPerson(p)
		if i == 0 {
			b.owner = b.people[p.ID]
		}
	}
	return b
}

// AddPerson makes a user known who may own records.
func (b *Book) AddPerson(p Person) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.people[p.ID] = newPerson(p)
}

// Has reports whether there is such a module.
func (b *Book) Has(module string) bool { return b.tables[module] != nil }

// Module returns a module's description.
func (b *Book) Module(name string) (Module, bool) {
	t := b.tables[name]
	if t == nil {
		return Module{}, false
	}
	return t.Module, true
}

// Modules returns the descriptions of all modules, in their order.
func (b *Book) Modules() []Module {
	var all []Module
	for _, name := range b.order {
		all = append(all, b.tables[name].Module)
	}
	return all
}

// author is the person who writes; somebody unknown is added for the moment.
func (b *Book) author(p Person) *person {
	if known := b.people[p.ID]; known != nil {
		return known
	}
	return newPerson(p)
}

func (t *table) search(id string) (int, bool) {
	if n := len(t.rows); n > 0 && t.rows[n-1].id < id { // most new IDs
		return n, false
	}
	return slices.BinarySearchFunc(t.rows, id, func(r *record, id string) int { return strings.Compare(r.id, id) })
}

func (t *table) find(id string) *record {
	if i, ok := t.search(id); ok {
		return t.rows[i]
	}
	return nil
}

// anywhere finds a record in any module.
func (b *Book) anywhere(id string) (*table, *record) {
	for _, name := range b.order {
		if r := b.tables[name].find(id); r != nil {
			return b.tables[name], r
		}
	}
	return nil, nil
}

// put stores a record under its ID, new or not.
func (t *table) put(r *record) {
	t.version++
	i, ok := t.search(r.id)
	if ok {
		t.unindex(t.rows[i])
		t.rows[i] = r
	} else {
		t.rows = slices.Insert(t.rows, i, r)
	}
	t.index(r)
}

// cut takes a record out.
func (t *table) cut(r *record) {
	if i, ok := t.search(r.id); ok {
		t.version++
		t.unindex(t.rows[i])
		t.rows = slices.Delete(t.rows, i, i+1)
	}
}

// bury takes a record out and remembers it in the recycle bin.
func (t *table) bury(r *record, at time.Time, by Person) {
	t.cut(r)
	if len(t.graves) >= maxGraves {
		t.graves = slices.Delete(t.graves, 0, 1)
	}
	t.graves = append(t.graves, grave{id: r.id, name: string(plain(r.name(t.schema))), at: at, by: by})
}

func (b *Book) nextID() string {
	b.lastID++
	return b.newID(b.lastID)
}

// NewID makes an ID for something that is not a record, from the same numbers.
func (b *Book) NewID() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.nextID()
}

// ValidID reports whether an ID has the form of a record ID.
func ValidID(id string) bool {
	_, err := strconv.ParseUint(id, 10, 64)
	return err == nil && len(id) >= 15 && len(id) <= 19
}
