package crm

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Forget empties the memory of metadata: the next question goes to Zoho.
func (s *MetadataService) Forget() { s.client.metadata.forget() }

// list reads a list of metadata through the memory.
func (s *MetadataService) list(ctx context.Context, path, name string, query url.Values) ([]Record, error) {
	c := s.client
	ask := func(since time.Time) ([]Record, time.Time, bool, error) {
		r := Request{Path: path, Query: query, Header: http.Header{}}
		setTime(r.Header, "If-Modified-Since", since)
		page, err := c.page(ctx, r, name)
		if errors.Is(err, ErrNotModified) && !since.IsZero() {
			return nil, time.Time{}, true, nil
		}
		if err != nil {
			return nil, time.Time{}, false, err
		}
		at, _ := http.ParseTime(page.Response.Header.Get("Date"))
		return page.Records, at, false, nil
	}
	list, err := c.metadata.get(ctx, metadataKey(path, query), c.now, ask)
	return slices.Clone(list), err
}

// one is a list of which one record is wanted.
func (s *MetadataService) one(ctx context.Context, path, name string, query url.Values) (Record, error) {
	list, err := s.list(ctx, path, name, query)
	if err != nil {
		return Record{}, err
	}
	if len(list) == 0 {
		return Record{}, nothing(path)
	}
	return list[0], nil
}

func metadataKey(path string, query url.Values) string { return path + "?" + query.Encode() }

// settingsPath is the path of metadata, or of one item of it.
func settingsPath(area string, below ...string) (string, error) {
	return recordsPath("settings", append([]string{area}, below...)...)
}

// ofModule is the query that names a module.
func ofModule(module string) (url.Values, error) {
	if module == "" {
		return nil, errors.New("crm: the module must not be empty")
	}
	return url.Values{"module": {module}}, nil
}

// yes is a field that is true.
func (r Record) yes(field string) bool {
	value, _ := r.Bool(field)
	return value
}

// whole is a field that is a whole number, 0 if it is not.
func (r Record) whole(field string) int {
	n, _ := r.Int(field)
	return int(n)
}

// at is a field that is a time, the zero time if it is not.
func (r Record) at(field string) time.Time {
	t, _ := r.Time(field)
	return t
}

// convert makes a slice of another.
func convert[T any](records []Record, read func(Record) T) []T {
	list := []T(nil)
	for _, r := range records {
		list = append(list, read(r))
	}
	return list
}
