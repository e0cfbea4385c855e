package crm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"zohocrm/crm/internal/jsonscan"
)

// maxBatch is how many records Zoho takes in one call (Zoho: insert-records).
const maxBatch = 100

// heavyBatch is how many records a write has before Zoho counts it among the
// heavy calls (Zoho: api-limits).
const heavyBatch = 10

// WriteOptions says what a write does beside writing.
type WriteOptions struct {
	// Trigger names what runs afterwards: workflow, approval, blueprint,
	// pathfinder, orchestration. nil: all that the module has. Empty but not
	// nil: nothing.
	Trigger []string
	// DuplicateCheckFields are the fields by which Upsert finds an existing
	// record. nil: the module's unique fields, the system's first.
	DuplicateCheckFields []string
	// UnmodifiedSince makes Update fail with ErrModified if the record was
	// changed after it. Zero: it is written whatever happened.
	UnmodifiedSince time.Time
	// External is the API name of an external field of the module. With it,
	// Update finds the records by that field instead of by "id", and makes a
	// call for each of them: Zoho takes no more at once. "": by "id".
	External string
	// Extra are further members of the request, beside "data" and "trigger".
	Extra map[string]any
}

// Insert adds records. They are one value or a slice of values that each
// marshal to a JSON object: structs with json tags, maps, Records. An empty
// slice writes nothing.
//
// There is a Result for each record, in their order, and the error is a
// [*RecordsError] if any of them failed. More than 100 records go in calls of
// 100, one after the other. When a whole call fails, the results are those of
// the calls before it, and the error says at which record it stopped; whether
// an unanswered call ([ErrUnavailable]) was done is not known, and Zoho has no
// means to repeat an insert safely, so it is never repeated: use
// [RecordsService.Upsert] where that matters.
//
// POST /crm/v8/{module}, scope ZohoCRM.modules.CREATE (Zoho: insert-records).
func (s *RecordsService) Insert(ctx context.Context, module string, records any, opts *WriteOptions) ([]Result, error) {
	path, err := recordsPath(module)
	if err != nil {
		return nil, err
	}
	results, err := s.write(ctx, http.MethodPost, path, records, opts, "")
	if errors.Is(err, ErrUnavailable) {
		err = fmt.Errorf("%w; an insert cannot be repeated safely: use Upsert, or an external ID", err)
	}
	return results, err
}

// Update changes the fields that are given of records that are there. Each
// record must have its "id", or the field of WriteOptions.External. All else is as with [RecordsService.Insert].
//
// PUT /crm/v8/{module}, scope ZohoCRM.modules.UPDATE (Zoho: update-records).
func (s *RecordsService) Update(ctx context.Context, module string, records any, opts *WriteOptions) ([]Result, error) {
	path, err := recordsPath(module)
	if err != nil {
		return nil, err
	}
	if opts != nil && opts.External != "" {
		return s.updateExternal(ctx, module, path, records, opts)
	}
	return s.write(ctx, http.MethodPut, path, records, opts, "id")
}

// Upsert updates the records that are there already, by
// WriteOptions.DuplicateCheckFields, and inserts the others; Result.Action says
// which. It may be repeated safely. All else is as with [RecordsService.Insert].
//
// POST /crm/v8/{module}/upsert, scope ZohoCRM.modules.CREATE and .UPDATE (Zoho: upsert-records).
func (s *RecordsService) Upsert(ctx context.Context, module string, records any, opts *WriteOptions) ([]Result, error) {
	path, err := recordsPath(module, "upsert")
	if err != nil {
		return nil, err
	}
	return s.write(ctx, http.MethodPost, path, records, opts, "")
}

// write sends records in batches. Each must have the field called key, unless
// that is "".
func (s *RecordsService) write(ctx context.Context, method, path string, records any, opts *WriteOptions, key string) ([]Result, error) {
	all, err := recordsWith(method, path, records, key)
	if err != nil {
		return nil, err
	}
	if opts == nil {
		opts = &WriteOptions{}
	}
	return inBatches(len(all), func(from, to int) ([]Result, error) {
		answer := results{want: to - from}
		r := Request{Method: method, Path: path, Header: http.Header{}, Body: opts.body(all[from:to])}
		r.heavy, r.cost = to-from > heavyBatch, (to-from+9)/10
		setTime(r.Header, "If-Unmodified-Since", opts.UnmodifiedSince)
		_, err := s.client.call(ctx, r, &answer)
		return answer.list, err
	})
}

// recordsWith is recordsOf for records that must have a field.
func recordsWith(method, path string, records any, key string) ([]Record, error) {
	all, err := recordsOf(records)
	if err != nil {
		return nil, fmt.Errorf("crm: %s %s: %w", method, path, err)
	}
	for i, r := range all {
		if key != "" && r.Text(key) == "" {
			return nil, fmt.Errorf("crm: %s %s: record %d has no %q: nothing was sent", method, path, i, key)
		}
	}
	return all, nil
}

// body is what a write sends.
func (o *WriteOptions) body(records []Record) map[string]any {
	body := map[string]any{}
	for name, value := range o.Extra {
		body[name] = value
	}
	body["data"] = records
	if o.Trigger != nil {
		body["trigger"] = o.Trigger
	}
	if o.DuplicateCheckFields != nil {
		body["duplicate_check_fields"] = o.DuplicateCheckFields
	}
	return body
}

// recordsOf marshals what the caller gave and cuts it into records.
func recordsOf(v any) ([]Record, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	s := jsonscan.New(text)
	switch s.Next() {
	case 'n': // a nil slice
		return nil, nil
	case '{':
		return []Record{{text}}, nil
	case '[':
		var list []Record
		objects := s.Array(func() bool {
			object := s.Next() == '{'
			list = append(list, Record{s.Value()})
			return object
		})
		if !objects && len(list) > 0 {
			return nil, fmt.Errorf("record %d is not a JSON object: nothing was sent", len(list)-1)
		}
		return list, nil
	}
	return nil, fmt.Errorf("%T is neither a JSON object nor a list of them: nothing was sent", v)
}
