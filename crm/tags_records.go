package crm

import (
	"context"
	"fmt"
	"net/http"
)

// TagOptions says how tags are put on records.
type TagOptions struct {
	// Overwrite takes away the tags that the records have.
	Overwrite bool
}

// Add puts tags, by Name, on records; tags that the module does not have are
// made. Results, errors and batches of 100 records are as with
// [RecordsService.Insert].
//
// POST /crm/v8/{module}/actions/add_tags, scope ZohoCRM.modules.CREATE (Zoho: add-tags-to-multiple-records).
func (s *TagsService) Add(ctx context.Context, module string, ids []string, tags []Tag, opts *TagOptions) ([]Result, error) {
	body := map[string]any{"tags": tagBodies(tags)}
	if opts != nil && opts.Overwrite {
		body["over_write"] = true
	}
	return s.onRecords(ctx, module, "add_tags", ids, body)
}

// Remove takes tags, by Name or ID, off records. Results, errors and batches
// are as with [TagsService.Add].
//
// POST /crm/v8/{module}/actions/remove_tags, scope ZohoCRM.modules.CREATE (Zoho: remove-tags-from-multiple-records).
func (s *TagsService) Remove(ctx context.Context, module string, ids []string, tags []Tag) ([]Result, error) {
	return s.onRecords(ctx, module, "remove_tags", ids, map[string]any{"tags": tagBodies(tags)})
}

func (s *TagsService) onRecords(ctx context.Context, module, action string, ids []string, body map[string]any) ([]Result, error) {
	path, err := recordsPath(module, "actions", action)
	if err != nil {
		return nil, err
	}
	if err := checkIDs(ids); err != nil {
		return nil, fmt.Errorf("crm: POST %s: %w", path, err)
	}
	return inBatches(len(ids), func(from, to int) ([]Result, error) {
		answer := results{want: to - from}
		body["ids"] = ids[from:to]
		r := Request{Method: http.MethodPost, Path: path, Body: body, heavy: to-from > heavyBatch, cost: (to - from + 49) / 50}
		_, err := s.client.call(ctx, r, &answer)
		return answer.list, err
	})
}
