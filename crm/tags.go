package crm

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Tag is a tag of a module.
type Tag struct {
	ID     string
	Name   string
	Color  string // such as "#57B1FD"; "": none
	Record Record // all that Zoho sent
}

const tagsPath = "/crm/v8/settings/tags"

// List lists the tags of a module.
//
// GET /crm/v8/settings/tags?module=, scope ZohoCRM.settings.tags.READ (Zoho: get-tag-list).
func (s *TagsService) List(ctx context.Context, module string) ([]Tag, error) {
	query, err := ofModule(module)
	if err != nil {
		return nil, err
	}
	page, err := s.client.page(ctx, Request{Path: tagsPath, Query: query}, "tags")
	if err != nil {
		return nil, err
	}
	return convert(page.Records, func(r Record) Tag {
		return Tag{ID: r.ID(), Name: r.Text("name"), Color: r.Text("color_code"), Record: r}
	}), nil
}

// Create adds tags to those of a module.
//
// POST /crm/v8/settings/tags?module=, scope ZohoCRM.settings.tags.CREATE (Zoho: create-tag).
func (s *TagsService) Create(ctx context.Context, module string, tags ...Tag) ([]Result, error) {
	return s.write(ctx, http.MethodPost, module, tags)
}

// Update changes Name and Color of tags, by their IDs.
//
// PUT /crm/v8/settings/tags?module=, scope ZohoCRM.settings.tags.UPDATE (Zoho: update-tag).
func (s *TagsService) Update(ctx context.Context, module string, tags ...Tag) ([]Result, error) {
	for _, t := range tags {
		if t.ID == "" {
			return nil, errors.New("crm: Tag.ID is required: nothing was sent")
		}
	}
	return s.write(ctx, http.MethodPut, module, tags)
}

func (s *TagsService) write(ctx context.Context, method, module string, tags []Tag) ([]Result, error) {
	query, err := ofModule(module)
	if err != nil {
		return nil, err
	}
	return inBatches(len(tags), func(from, to int) ([]Result, error) {
		answer := results{name: "tags", want: to - from}
		r := Request{Method: method, Path: tagsPath, Query: query, Body: map[string]any{"tags": tagBodies(tags[from:to])}}
		_, err := s.client.call(ctx, r, &answer)
		return answer.list, err
	})
}

// Delete removes a tag from its module and from all records.
//
// DELETE /crm/v8/settings/tags/{id}, scope ZohoCRM.settings.tags.DELETE (Zoho: delete-tag).
func (s *TagsService) Delete(ctx context.Context, id string) (Result, error) {
	path, err := settingsPath("tags", id)
	if err != nil {
		return Result{}, err
	}
	return s.bare(ctx, Request{Method: http.MethodDelete, Path: path})
}

// Merge puts one tag in the place of another, which goes.
//
// POST /crm/v8/settings/tags/{id}/actions/merge, scope ZohoCRM.settings.tags.CREATE (Zoho: merge-tags).
func (s *TagsService) Merge(ctx context.Context, id, goneID string) (Result, error) {
	path, err := settingsPath("tags", id, "actions", "merge")
	if err != nil {
		return Result{}, err
	}
	body := map[string]any{"tags": []map[string]string{{"conflict_id": goneID}}}
	return s.bare(ctx, Request{Method: http.MethodPost, Path: path, Body: body})
}

// bare reads one result, in the list "tags" or alone: Zoho's pages have both.
func (s *TagsService) bare(ctx context.Context, r Request) (Result, error) {
	answer := results{name: "tags", want: 1, bare: true}
	if _, err := s.client.call(ctx, r, &answer); err != nil {
		return Result{}, err
	}
	return answer.list[0], answer.list[0].Err()
}

// Count tells how many records of a module have a tag.
//
// GET /crm/v8/settings/tags/{id}/actions/records_count?module=, scope
// ZohoCRM.settings.tags.READ (Zoho: get-record-count-for-tag).
func (s *TagsService) Count(ctx context.Context, module, id string) (int64, error) {
	path, err := settingsPath("tags", id, "actions", "records_count")
	if err != nil {
		return 0, err
	}
	var answer Record
	query := url.Values{"module": {module}}
	resp, err := s.client.read(ctx, Request{Path: path, Query: query}, &answer)
	if err != nil {
		return 0, err
	}
	n, ok := answer.Int("count")
	if !ok {
		return 0, &Error{Status: resp.Status, Method: http.MethodGet, Path: path, foreign: "the answer has no count"}
	}
	return n, nil
}

func tagBodies(tags []Tag) []map[string]string {
	list := make([]map[string]string, len(tags))
	for i, t := range tags {
		list[i] = map[string]string{}
		for name, value := range map[string]string{"id": t.ID, "name": t.Name, "color_code": t.Color} {
			if value != "" {
				list[i][name] = value
			}
		}
	}
	return list
}
