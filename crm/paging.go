package crm

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// place is where a page begins: by its token, else by its number, from 1. The
// zero place is the first page.
type place struct {
	page  int
	token string
}

// set puts the place into the parameters of a call.
func (p place) set(query url.Values) {
	set(query, "page_token", p.token)
	if p.page > 0 {
		query.Set("page", strconv.Itoa(p.page))
	}
}

// next is the place after a page.
func (p place) next(info PageInfo) (place, error) {
	switch {
	case info.NextPageToken != "" && info.NextPageToken != p.token:
		return place{token: info.NextPageToken}, nil
	case info.NextPageToken == "" && p.token == "":
		// A list without tokens: page numbers reach 2,000 records, and then
		// Zoho answers an error.
		return place{page: max(p.page, 1) + 1}, nil
	}
	return p, errors.New("there are more records, but no next page token")
}

// through goes through a list, page by page, from a place. An error comes after
// the records that were read before it, says how many they were, and ends it.
func through(ctx context.Context, path string, from place, fetch func(place) (*Page, error)) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		read := 0
		fail := func(err error) {
			if read > 0 {
				err = fmt.Errorf("after %d records: %w", read, err)
			}
			yield(Record{}, err)
		}
		for here := from; ; {
			page, err := fetch(here)
			if err != nil {
				fail(err)
				return
			}
			for _, record := range page.Records {
				if !yield(record, nil) {
					return
				}
				read++
				if err := ctx.Err(); err != nil {
					fail(err)
					return
				}
			}
			if !page.Info.MoreRecords {
				return
			}
			if here, err = here.next(page.Info); err != nil {
				fail(&Error{Status: page.Response.Status, Method: http.MethodGet, Path: path, foreign: err.Error()})
				return
			}
		}
	}
}

// each makes something of every record of a list.
func each[T any](list iter.Seq2[Record, error], read func(Record) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for record, err := range list {
			var item T
			if err == nil {
				item = read(record)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// page reads one page of the list that Zoho calls name.
func (c *Client) page(ctx context.Context, r Request, name string) (*Page, error) {
	list := recordList{name: name}
	resp, err := c.read(ctx, r, &list)
	if err != nil {
		return nil, err
	}
	return &Page{Records: list.records, Info: pageInfo(list.info), Response: resp}, nil
}

// one reads the single record of a list; if there is none, it is [ErrNotFound].
func (c *Client) one(ctx context.Context, r Request, name string) (Record, error) {
	page, err := c.page(ctx, r, name)
	if err != nil {
		return Record{}, err
	}
	if len(page.Records) == 0 {
		return Record{}, nothing(r.Path)
	}
	return page.Records[0], nil
}

// nothing is the error of a read for one thing that found none.
func nothing(path string) *Error {
	return &Error{Status: http.StatusNoContent, Method: http.MethodGet, Path: path}
}

// perPage sets the number of records a call brings; 0: the most that Zoho gives.
func perPage(query url.Values, n int) {
	if n <= 0 {
		n = 200
	}
	query.Set("per_page", strconv.Itoa(n))
}
