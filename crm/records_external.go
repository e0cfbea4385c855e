package crm

import (
	"context"
	"net/http"
	"net/url"
)

// updateExternal updates records by an external field, which each of them has.
func (s *RecordsService) updateExternal(ctx context.Context, module, path string, records any, opts *WriteOptions) ([]Result, error) {
	all, err := recordsWith(http.MethodPut, path, records, opts.External)
	if err != nil {
		return nil, err
	}
	return batched(len(all), 1, func(i, _ int) ([]Result, error) {
		record := all[i]
		one, err := recordsPath(module, record.Text(opts.External))
		if err != nil {
			return nil, err
		}
		answer := results{want: 1}
		r := Request{Method: http.MethodPut, Path: one, Header: http.Header{}, Body: opts.body([]Record{record})}
		setTime(r.Header, "If-Unmodified-Since", opts.UnmodifiedSince)
		setExternal(r.Header, module, opts.External)
		_, err = s.client.call(ctx, r, &answer)
		return answer.list, err
	})
}

// deleteExternal deletes records by an external field.
func (s *RecordsService) deleteExternal(ctx context.Context, module string, values []string, query url.Values, field string) ([]Result, error) {
	return batched(len(values), 1, func(i, _ int) ([]Result, error) {
		path, err := recordsPath(module, values[i])
		if err != nil {
			return nil, err
		}
		answer := results{want: 1}
		r := Request{Method: http.MethodDelete, Path: path, Query: query, Header: http.Header{}}
		setExternal(r.Header, module, field)
		_, err = s.client.call(ctx, r, &answer)
		return answer.list, err
	})
}
