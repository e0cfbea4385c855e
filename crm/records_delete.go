package crm

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// DeleteOptions says what a delete does beside deleting.
type DeleteOptions struct {
	// NoWorkflow keeps workflows from running.
	NoWorkflow bool
	// External is the API name of an external field. With it, the IDs are not
	// Zoho's but that field's values, and a call is made for each of them: Zoho
	// takes no more at once. "": Zoho's.
	External string
}

// Delete moves records to the recycle bin. Results, errors and batches of 100
// are as with [RecordsService.Insert].
//
// DELETE /crm/v8/{module}?ids=, scope ZohoCRM.modules.DELETE (Zoho: delete-records).
func (s *RecordsService) Delete(ctx context.Context, module string, ids []string, opts *DeleteOptions) ([]Result, error) {
	path, err := recordsPath(module)
	if err != nil {
		return nil, err
	}
	if opts == nil {
		opts = &DeleteOptions{}
	}
	query := url.Values{}
	if opts.NoWorkflow {
		query.Set("wf_trigger", "false")
	}
	if opts.External != "" {
		return s.deleteExternal(ctx, module, ids, query, opts.External)
	}
	return s.client.deleteAll(ctx, Request{Path: path, Query: query}, ids)
}

// deleteAll deletes by ID, in batches, below the request's path.
func (c *Client) deleteAll(ctx context.Context, r Request, ids []string) ([]Result, error) {
	if err := checkIDs(ids); err != nil {
		return nil, fmt.Errorf("crm: DELETE %s: %w", r.Path, err)
	}
	return inBatches(len(ids), func(from, to int) ([]Result, error) {
		answer := results{want: to - from}
		batch := r
		batch.Method, batch.Query, batch.heavy = http.MethodDelete, maps.Clone(r.Query), to-from > heavyBatch
		if batch.Query == nil {
			batch.Query = url.Values{}
		}
		batch.Query.Set("ids", strings.Join(ids[from:to], ","))
		_, err := c.call(ctx, batch, &answer)
		return answer.list, err
	})
}

// checkIDs refuses what would become two IDs, or none, in a list with commas.
func checkIDs(ids []string) error {
	for i, id := range ids {
		if id == "" || strings.Contains(id, ",") {
			return fmt.Errorf("ID %d is empty or has a comma: nothing was sent", i)
		}
	}
	return nil
}
