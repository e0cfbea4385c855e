package crm

import (
	"context"
	"iter"
)

// CustomView describes a view: a stored choice of records, fields and order.
type CustomView struct {
	ID            string // for ListOptions.CVID
	Name          string
	Label         string // as users see it
	SystemName    string // of Zoho's own views: "ALLVIEWS"
	SystemDefined bool
	Default       bool
	Fields        []string // API names
	Record        Record   // all that Zoho sent, its criteria included
}

// CustomViews lists the views of a module.
//
// GET /crm/v8/settings/custom_views?module=, scope ZohoCRM.settings.custom_views.READ (Zoho: custom-view-meta).
func (s *MetadataService) CustomViews(ctx context.Context, module string) iter.Seq2[CustomView, error] {
	const path = "/crm/v8/settings/custom_views"
	return each(through(ctx, path, place{}, func(at place) (*Page, error) {
		query, err := ofModule(module)
		if err != nil {
			return nil, err
		}
		perPage(query, 0)
		at.set(query)
		return s.client.page(ctx, Request{Path: path, Query: query}, "custom_views")
	}), newCustomView)
}

// CustomView describes one view, by its ID, from memory where it is fresh.
//
// GET /crm/v8/settings/custom_views/{id}?module=, scope ZohoCRM.settings.custom_views.READ (Zoho: custom-view-meta).
func (s *MetadataService) CustomView(ctx context.Context, module, id string) (*CustomView, error) {
	query, err := ofModule(module)
	if err != nil {
		return nil, err
	}
	path, err := settingsPath("custom_views", id)
	if err != nil {
		return nil, err
	}
	r, err := s.one(ctx, path, "custom_views", query)
	if err != nil {
		return nil, err
	}
	v := newCustomView(r)
	return &v, nil
}

func newCustomView(r Record) CustomView {
	v := CustomView{
		ID: r.ID(), Name: r.Text("name"), Label: r.Text("display_value"), SystemName: r.Text("system_name"),
		SystemDefined: r.yes("system_defined"), Default: r.yes("default"), Record: r,
	}
	for _, f := range r.Subs("fields") {
		v.Fields = append(v.Fields, f.Text("api_name"))
	}
	return v
}
