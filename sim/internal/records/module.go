package records

import (
	"slices"
	"strconv"
)

// Module describes a kind of record.
type Module struct {
	place     int // among the modules, from 1
	APIName   string
	Singular  string
	NameField string // what a lookup to this module shows
	// Duplicates are the fields that upsert compares by itself, before any
	// unique field (Zoho: upsert-records page).
	Duplicates []string
	Fields     []Field
	Related    []Related
}

// Type is a field's data type, spelled as Zoho's field metadata spells it.
type Type string

// The data types that the modules use.
const (
	Text      Type = "text"
	TextArea  Type = "textarea"
	Picklist  Type = "picklist"
	MultiPick Type = "multiselectpicklist"
	Email     Type = "email"
	Phone     Type = "phone"
	Website   Type = "website"
	Integer   Type = "integer"
	Double    Type = "double"
	Currency  Type = "currency"
	Boolean   Type = "boolean"
	Date      Type = "date"
	DateTime  Type = "datetime"
	Lookup    Type = "lookup"
	Owner     Type = "ownerlookup"
	Subform   Type = "subform"
	Tags      Type = "tags" // "text" in the metadata, a list of objects in records
)

// Field describes one field of a module.
type Field struct {
	APIName   string
	Label     string
	Type      Type
	Length    int      // longest text; 0: does not apply
	Mandatory bool     // a record cannot be without it
	ReadOnly  bool     // set by the server; what a request says of it is ignored
	Unique    bool     // no two records of a module may share it
	Custom    bool     // made by the organisation
	Rich      bool     // a TextArea with markup, cut to 500 characters in lists
	Module    string   // what a Lookup points at; "": a record of any module
	Picks     []string // values that the metadata offers; any other is taken too
	Sub       []Field  // of a Subform
}

// Related describes a related list of a module.
type Related struct {
	APIName string
	Label   string
	Module  string // whose records the list shows
	// Field is the lookup by which the others point here. "": records of both
	// sides are related one by one, as with campaigns and products.
	Field string
}

func (m Module) field(name string) (Field, bool) {
	for _, f := range m.Fields {
		if f.APIName == name {
			return f, true
		}
	}
	return Field{}, false
}

func (m Module) has(name string) bool {
	_, ok := m.field(name)
	return ok
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

// JSON is the JSON type of the data type's values, as field metadata names it.
func (t Type) JSON() string {
	switch t {
	case Integer:
		return "integer"
	case Currency, Double:
		return "double"
	case Boolean:
		return "boolean"
	case Lookup, Owner:
		return "jsonobject"
	case Subform, Tags, MultiPick:
		return "jsonarray"
	}
	return "string"
}

// API is the data type as field metadata spells it.
func (t Type) API() string {
	if t == Tags {
		return string(Text)
	}
	return string(t)
}

// metaID makes the ID of a piece of metadata: a number space of its own, of
// which each module has a thousand.
func metaID(n int) string { return strconv.Itoa(4_150_868_000_000_000_000 + n) }

// ID is the module's own ID.
func (m Module) ID() string { return metaID(1000 * m.place) }

// Place is the module's place among all, from 1.
func (m Module) Place() int { return m.place }

// FieldID is the ID of the i-th field.
func (m Module) FieldID(i int) string { return metaID(1000*m.place + 1 + i) }

// LayoutID is the ID of the module's one layout.
func (m Module) LayoutID() string { return metaID(1000*m.place + 900) }

// SectionID is the ID of the section of the module's layout.
func (m Module) SectionID() string { return metaID(1000*m.place + 901) }

// RelatedID is the ID of the i-th related list.
func (m Module) RelatedID(i int) string { return metaID(1000*m.place + 910 + i) }

// ViewID is the ID of the i-th custom view.
func (m Module) ViewID(i int) string { return metaID(1000*m.place + 950 + i) }

func (t Type) numeric() bool { return t == Integer || t == Double || t == Currency }

// schema is a module made ready for records: where each field's value lies.
type schema struct {
	Module
	at     map[string]int // field by API name
	keys   []string       // each field's name as a JSON key: "Name":
	slots  []int          // each field's place among the stored values; -1: a person
	stored int            // number of stored values
}

// Fields that the server fills in itself.
const (
	fullNameField = "Full_Name"
	createdField  = "Created_Time"
	modifiedField = "Modified_Time"
	tagField      = "Tag"
)

func newSchema(m Module, place int) *schema {
	m.place = place
	s := &schema{Module: m, at: make(map[string]int)}
	for i, f := range m.Fields {
		s.at[f.APIName] = i
		s.keys = append(s.keys, `"`+f.APIName+`":`)
		if f.Type == Owner {
			s.slots = append(s.slots, -1)
			continue
		}
		s.slots = append(s.slots, s.stored)
		s.stored++
	}
	return s
}

// slot is the place of a stored field's value, -1 if the module has no such field.
func (s *schema) slot(name string) int {
	if i, ok := s.at[name]; ok {
		return s.slots[i]
	}
	return -1
}
