package crm

import (
	"context"
	"iter"
	"net/url"
	"time"
)

// TimelineOptions narrows [RecordsService.Timeline].
type TimelineOptions struct {
	// Filters is Zoho's JSON for choosing events. "": all of them.
	Filters string
	// SortOrder is asc or desc. "": desc.
	SortOrder string
	// PerPage is the number of events a call brings, at most 200. 0: 200.
	PerPage int
	// Extra are further parameters, such as include_inner_details. They lose
	// against the fields above.
	Extra url.Values
}

// TimelineEvent is one thing that happened to a record.
type TimelineEvent struct {
	ID      string
	Time    time.Time
	Action  string // added, updated, ...
	Source  string // crm_ui, crm_api, ...
	By      Named
	Changes []FieldChange
	Record  Record // all that Zoho sent
}

// FieldChange is a field that changed. Zoho may send other things than text;
// Record has them.
type FieldChange struct {
	Field    string // API name
	Old, New string
	Record   Record // all that Zoho sent
}

// Timeline lists what happened to a record, the latest first.
//
// GET /crm/v8/{module}/{id}/__timeline, scope ZohoCRM.modules.READ (Zoho: timeline-of-a-record).
func (s *RecordsService) Timeline(ctx context.Context, module, id string, opts *TimelineOptions) iter.Seq2[TimelineEvent, error] {
	here := TimelineOptions{}
	if opts != nil {
		here = *opts
	}
	path, pathErr := recordsPath(module, id, "__timeline")
	return each(through(ctx, path, place{}, func(at place) (*Page, error) {
		if pathErr != nil {
			return nil, pathErr
		}
		r := Request{Path: path, Query: url.Values{}}
		for name, values := range here.Extra {
			r.Query[name] = values
		}
		set(r.Query, "filters", here.Filters)
		if here.SortOrder != "" {
			// Zoho sorts by time and nothing else, but wants to be told.
			r.Query.Set("sort_by", "audited_time")
			r.Query.Set("sort_order", here.SortOrder)
		}
		perPage(r.Query, here.PerPage)
		at.set(r.Query)
		return s.client.page(ctx, r, "__timeline")
	}), newTimelineEvent)
}

func newTimelineEvent(r Record) TimelineEvent {
	e := TimelineEvent{
		ID: r.ID(), Time: r.at("audited_time"), Action: r.Text("action"), Source: r.Text("source"), By: named(r.Sub("done_by")), Record: r,
	}
	for _, change := range r.Subs("field_history") {
		value := change.Sub("_value")
		e.Changes = append(e.Changes, FieldChange{Field: change.Text("api_name"), Old: value.Text("old"), New: value.Text("new"), Record: change})
	}
	return e
}
