package crm

import "context"

// Layout describes how the page of a module's records is laid out.
type Layout struct {
	ID       string
	Name     string
	APIName  string
	Status   string // active, inactive, ...
	Visible  bool
	Sections []Section
	Record   Record // all that Zoho sent
}

// Section is a part of a layout.
type Section struct {
	Name   string // API name, or the name where there is none
	Label  string // as users see it
	Fields []Field
}

// Layouts lists the layouts of a module, from memory where it is fresh.
//
// GET /crm/v8/settings/layouts?module=, scope ZohoCRM.settings.layouts.READ (Zoho: layouts-meta).
func (s *MetadataService) Layouts(ctx context.Context, module string) ([]Layout, error) {
	query, err := ofModule(module)
	if err != nil {
		return nil, err
	}
	list, err := s.list(ctx, "/crm/v8/settings/layouts", "layouts", query)
	return convert(list, newLayout), err
}

// Layout describes one layout, by its ID.
//
// GET /crm/v8/settings/layouts/{id}?module=, scope ZohoCRM.settings.layouts.READ (Zoho: layouts-meta).
func (s *MetadataService) Layout(ctx context.Context, module, id string) (*Layout, error) {
	query, err := ofModule(module)
	if err != nil {
		return nil, err
	}
	path, err := settingsPath("layouts", id)
	if err != nil {
		return nil, err
	}
	r, err := s.one(ctx, path, "layouts", query)
	if err != nil {
		return nil, err
	}
	l := newLayout(r)
	return &l, nil
}

func newLayout(r Record) Layout {
	l := Layout{ID: r.ID(), Name: r.Text("name"), APIName: r.Text("api_name"), Status: r.Text("status"), Visible: r.yes("visible"), Record: r}
	for _, part := range r.Subs("sections") {
		section := Section{Name: part.Text("api_name"), Label: part.Text("display_label"), Fields: convert(part.Subs("fields"), newField)}
		if section.Name == "" {
			section.Name = part.Text("name")
		}
		l.Sections = append(l.Sections, section)
	}
	return l
}
