package crm

import "context"

// Field describes a field of a module.
type Field struct {
	ID        string
	APIName   string // as calls name it: "Last_Name"
	Label     string // as users see it
	DataType  string // text, email, picklist, lookup, datetime, ...
	JSONType  string // string, integer, double, boolean, jsonobject, jsonarray
	Length    int    // the longest text, in characters; 0: not said
	Mandatory bool   // the system wants it; a layout may want more
	ReadOnly  bool
	Custom    bool
	Unique    bool        // no two records may have the same value
	Values    []PickValue // of a pick list; nil: none
	Lookup    string      // of a lookup: the API name of the module it points to
	Record    Record      // all that Zoho sent
}

// PickValue is one value of a pick list.
type PickValue struct {
	ID      string
	Value   string // as calls name it
	Display string // as users see it
}

// Fields lists the fields of a module, from memory where it is fresh.
//
// GET /crm/v8/settings/fields?module=, scope ZohoCRM.settings.fields.READ (Zoho: field-meta).
func (s *MetadataService) Fields(ctx context.Context, module string) ([]Field, error) {
	query, err := ofModule(module)
	if err != nil {
		return nil, err
	}
	list, err := s.list(ctx, fieldsPath, "fields", query)
	return convert(list, newField), err
}

const fieldsPath = "/crm/v8/settings/fields"

// Field describes one field, by its ID.
//
// GET /crm/v8/settings/fields/{id}?module=, scope ZohoCRM.settings.fields.READ (Zoho: field-meta).
func (s *MetadataService) Field(ctx context.Context, module, id string) (*Field, error) {
	query, err := ofModule(module)
	if err != nil {
		return nil, err
	}
	path, err := settingsPath("fields", id)
	if err != nil {
		return nil, err
	}
	r, err := s.one(ctx, path, "fields", query)
	if err != nil {
		return nil, err
	}
	f := newField(r)
	return &f, nil
}

func newField(r Record) Field {
	f := Field{
		ID: r.ID(), APIName: r.Text("api_name"), Label: r.Text("field_label"), DataType: r.Text("data_type"), JSONType: r.Text("json_type"),
		Length: r.whole("length"), Mandatory: r.yes("system_mandatory"), ReadOnly: r.yes("read_only"), Custom: r.yes("custom_field"), Record: r,
	}
	if f.Label == "" {
		f.Label = r.Text("display_label")
	}
	for range r.Sub("unique").Fields() { // {} means no
		f.Unique = true
	}
	lookup := r.Sub("lookup").Sub("module")
	f.Lookup = lookup.Text("api_name")
	for _, v := range r.Subs("pick_list_values") {
		f.Values = append(f.Values, PickValue{ID: v.ID(), Value: v.Text("actual_value"), Display: v.Text("display_value")})
	}
	return f
}
