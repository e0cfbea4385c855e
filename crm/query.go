package crm

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
)

const coqlPath = "/crm/v8/coql"

// Run sends one query as it is and brings one page of rows: at most 2,000, and
// 200 if the query has no limit. Where the query is wrong is in the error
// ([ErrSyntax]).
//
// Values must not be put into the text by hand: [Select] does it safely.
//
// POST /crm/v8/coql, scopes ZohoCRM.coql.READ, ZohoCRM.modules.READ and
// ZohoCRM.settings.fields.READ (Zoho: Get-Records-through-COQL-Query).
func (s *QueryService) Run(ctx context.Context, query string) (*Page, error) {
	parts, _ := splitQuery(query)
	return s.run(ctx, query, parts)
}

func (s *QueryService) run(ctx context.Context, query string, parts clauses) (*Page, error) {
	r := Request{Method: http.MethodPost, Path: coqlPath, Body: map[string]string{"select_query": query}, about: parts.from, names: parts.names}
	return s.client.page(ctx, r, "data")
}

// Select brings all rows of a query, or as many as q.Limit, 2,000 a call.
// Without OrderBy, GroupBy and aggregates there is no end to them: pages go on
// by "id >". With them, COQL reaches 100,000 rows, and more is the error
// [ErrLimit] after them.
//
// POST /crm/v8/coql, scopes ZohoCRM.coql.READ, ZohoCRM.modules.READ and
// ZohoCRM.settings.fields.READ (Zoho: Get-Records-through-COQL-Query).
func (s *QueryService) Select(ctx context.Context, q Select) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		parts, err := q.clauses()
		if err != nil {
			yield(Record{}, err)
			return
		}
		if !parts.hasID && len(q.Columns) < maxQueryColumns && parts.byID() {
			parts.columns += ", id"
		}
		s.rows(ctx, parts, "")(yield)
	}
}

// Rows is Select for a query that somebody wrote: all of its rows, or as many
// as its limit says, however many calls that takes.
//
// POST /crm/v8/coql, scopes ZohoCRM.coql.READ, ZohoCRM.modules.READ and
// ZohoCRM.settings.fields.READ (Zoho: Get-Records-through-COQL-Query).
func (s *QueryService) Rows(ctx context.Context, query string) iter.Seq2[Record, error] {
	query = strings.TrimRight(query, "; \t\r\n")
	parts, ok := splitQuery(query)
	if !ok {
		// It cannot be gone on with, but Zoho says where it is wrong.
		return through(ctx, coqlPath, place{}, func(at place) (*Page, error) {
			if at != (place{}) {
				return nil, fmt.Errorf("%w: this query cannot be paged: give it a limit and an offset", ErrLimit)
			}
			return s.Run(ctx, query)
		})
	}
	first := query
	if parts.limit == 0 && parts.offset == 0 {
		first += " " + limitClause(maxQueryRows, 0)
	} else if parts.limit == 0 || parts.limit > maxQueryRows {
		first = "" // written anew
	}
	return s.rows(ctx, parts, first)
}

// byID reports whether pages can go on by ID, which has no end.
func (c clauses) byID() bool { return c.order == "" && c.group == "" && !c.counts && c.offset == 0 }

// rows goes through the pages of a query. first is the text of the first page's
// query, if it is not to be written anew: places in errors then are the user's.
func (s *QueryService) rows(ctx context.Context, parts clauses, first string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		walk := &queryWalk{query: s, parts: parts, here: parts, byID: parts.byID()}
		if walk.byID && first == "" {
			walk.here.order = "id asc"
		}
		through(ctx, coqlPath, place{}, func(at place) (*Page, error) {
			if at == (place{}) && first != "" {
				return walk.page(ctx, first)
			}
			text, err := walk.next()
			if err != nil {
				return nil, err
			}
			return walk.page(ctx, text)
		})(yield)
	}
}

// queryWalk is how far a query has been read.
type queryWalk struct {
	query *QueryService
	parts clauses // as asked for
	here  clauses // for the next page
	byID  bool
	seen  int // rows
}

// next is the text of the next page's query.
func (w *queryWalk) next() (string, error) {
	n, from := maxQueryRows, 0
	if w.parts.limit > 0 {
		n = min(n, w.parts.limit-w.seen)
	}
	if !w.byID {
		from = w.parts.offset + w.seen
		if n = min(n, maxQueryWindow-from); n <= 0 {
			return "", fmt.Errorf("%w: COQL orders, groups and counts %d rows: leave that out, or narrow the query", ErrLimit, maxQueryWindow)
		}
	}
	return w.here.text(limitClause(n, from)), nil
}

// page reads a page and finds out how the next one is asked for.
func (w *queryWalk) page(ctx context.Context, text string) (*Page, error) {
	page, err := w.query.run(ctx, text, w.parts)
	if err != nil {
		return nil, err
	}
	limit := w.parts.limit
	if limit > 0 && len(page.Records) > limit-w.seen {
		page.Records = page.Records[:limit-w.seen]
	}
	w.seen += len(page.Records)
	page.Info.NextPageToken = "" // COQL has none
	switch {
	case len(page.Records) == 0 || limit > 0 && w.seen >= limit:
		page.Info.MoreRecords = false
	case w.byID:
		if last := page.Records[len(page.Records)-1].ID(); isDigits(last) {
			w.here = w.parts.after(last)
		} else {
			w.byID = false // rows without IDs: by offset, as far as that goes
		}
	}
	return page, nil
}

func isDigits(text string) bool {
	return text != "" && len(text) < 30 && strings.Trim(text, "0123456789") == ""
}
