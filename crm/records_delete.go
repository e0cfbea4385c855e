package crm

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// DeleteOptions says what a delete does beside deleting.
type DeleteOptions struct {
	// NoWorkflow keeps workflows from running.
	NoWorkflow bool
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
	for i, id := range ids {
		if id == "" || strings.Contains(id, ",") {
			return nil, fmt.Errorf("crm: DELETE %s: ID %d is empty or has a comma: nothing was sent", path, i)
		}
	}
	return inBatches(len(ids), func(from, to int) ([]Result, error) {
		answer := results{want: to - from}
		r := Request{Method: http.MethodDelete, Path: path, Query: url.Values{"ids": {strings.Join(ids[from:to], ",")}}}
		if opts != nil && opts.NoWorkflow {
			r.Query.Set("wf_trigger", "false")
		}
		_, err := s.client.Do(ctx, r, &answer)
		return answer.list, err
	})
}
