package crm

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"zohocrm/crm/internal/jsonscan"
)

// plan is how records are read into a struct: what encoding/json finds out for
// each value is found out once.
type plan struct {
	fields []planField
	byName map[string]int
	asked  []string // API names to ask Zoho for
}

type planField struct {
	name  string
	index []int
	set   func(reflect.Value, []byte) error
}

func planOf[T any]() (*plan, error) {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("crm: a Table is of structs with json tags, not of %s", t)
	}
	p := &plan{byName: make(map[string]int)}
	if err := p.add(t, nil); err != nil {
		return nil, err
	}
	for _, f := range p.fields {
		if f.name != "id" {
			p.asked = append(p.asked, f.name)
		}
	}
	if len(p.asked) == 0 {
		if len(p.fields) == 0 {
			return nil, fmt.Errorf("crm: %s has no field for a Table to fill", t)
		}
		p.asked = []string{"id"}
	}
	return p, nil
}

// add takes in the fields of a struct, and of those embedded in it.
func (p *plan) add(t reflect.Type, at []int) error {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int(nil), at...), i)
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			if err := p.add(f.Type, index); err != nil {
				return err
			}
			continue
		case f.Anonymous && name == "":
			return fmt.Errorf("crm: the embedded %s cannot be filled: embed the struct itself, or give it a json tag", f.Type)
		case !f.IsExported():
			continue
		case strings.Contains(","+options+",", ",string,"):
			return fmt.Errorf("crm: %s has the json option string, which a Table does not know: it takes numbers and text for either", f.Name)
		}
		if !tagged || name == "" {
			name = f.Name
		}
		if _, doubled := p.byName[name]; doubled {
			return fmt.Errorf("crm: two fields are called %q", name)
		}
		p.byName[name] = len(p.fields)
		p.fields = append(p.fields, planField{name: name, index: index, set: setterOf(f.Type)})
	}
	return nil
}

// planReader reads the records of one list. Zoho gives the fields of all of them
// in one order, so the last record tells which field is where in the next one.
type planReader struct {
	plan  *plan
	order []int // by place in a record: the field, -1 for one that is not wanted
	names []string
}

func (p *plan) reader() *planReader { return &planReader{plan: p} }

var errEmptyRecord = errors.New("it is empty")

// read fills the struct that into points to.
func (r *planReader) read(record Record, into any) error {
	if record.IsZero() {
		return errEmptyRecord
	}
	target := reflect.ValueOf(into).Elem()
	place := 0
	var fault error
	s := jsonscan.New(record.text)
	s.Object(func(name []byte) bool {
		value := s.Value()
		if value == nil {
			return false
		}
		k := r.field(place, name)
		place++
		if k < 0 {
			return true
		}
		f := &r.plan.fields[k]
		if value[0] == 'n' {
			target.FieldByIndex(f.index).SetZero()
		} else if err := f.set(target.FieldByIndex(f.index), value); err != nil {
			fault = fmt.Errorf("field %s: %w", f.name, err)
			return false
		}
		return true
	})
	return fault
}

// field is which field of the struct a name at this place is, -1 for none.
func (r *planReader) field(place int, name []byte) int {
	if place < len(r.names) && string(name) == r.names[place] {
		return r.order[place]
	}
	k, ok := r.plan.byName[string(name)]
	if !ok {
		k = -1
		// Names that are spelled with escapes are rare, but possible.
		if found, ok := r.plan.byName[jsonscan.Text(name)]; ok {
			k = found
		}
	}
	if place == len(r.names) && place < 200 {
		r.names, r.order = append(r.names, string(name)), append(r.order, k)
	}
	return k
}

// decodeAny fills what has no quicker way.
func decodeAny(v reflect.Value, raw []byte) error {
	if err := unmarshal(raw, v.Addr().Interface()); err != nil {
		if e := (*json.UnmarshalTypeError)(nil); errors.As(err, &e) {
			return fmt.Errorf("%s does not fit into %s", e.Value, e.Type)
		}
		return fmt.Errorf("it does not fit into %s", v.Type())
	}
	return nil
}
