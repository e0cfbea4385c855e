package crm

import (
	"time"

	"zohocrm/crm/internal/jsonscan"
)

// recordList reads {"data":[...],"info":{...}}: the records as spans of the
// body, in one pass.
type recordList struct {
	name    string // of the list: "data", "users", "org"
	records []Record
	info    Record
}

var _ decoder = (*recordList)(nil)

func (l *recordList) decode(text []byte) error {
	found, object := false, true
	s := jsonscan.New(text)
	s.Object(func(name []byte) bool {
		switch {
		case jsonscan.NameIs(name, l.name) && s.Next() == '[':
			found = true
			return s.Array(func() bool {
				object = s.Next() == '{'
				record := s.Value()
				l.records = append(l.records, Record{record})
				return object && record != nil
			})
		case jsonscan.NameIs(name, "info") && s.Next() == '{':
			l.info = Record{s.Value()}
		default:
			s.Value()
		}
		return true
	})
	if !s.End() || !found || !object {
		return errNotJSON
	}
	return nil
}

// PageInfo says where a page stands in its list.
type PageInfo struct {
	PerPage           int       // records a page may have
	Count             int       // records on this page
	Page              int       // number of this page, from 1
	MoreRecords       bool      // whether there is a next page
	NextPageToken     string    // for ListOptions.PageToken; "": none
	PreviousPageToken string    // "": none
	PageTokenExpiry   time.Time // when these tokens end, 24 hours after the first page; zero: not said
	SortBy            string    // field by which the list is sorted
	SortOrder         string    // "asc" or "desc"
}

func pageInfo(r Record) PageInfo {
	number := func(field string) int {
		n, _ := r.Int(field)
		return int(n)
	}
	info := PageInfo{
		PerPage: number("per_page"), Count: number("count"), Page: number("page"),
		NextPageToken: r.Text("next_page_token"), PreviousPageToken: r.Text("previous_page_token"),
		SortBy: r.Text("sort_by"), SortOrder: r.Text("sort_order"),
	}
	info.MoreRecords, _ = r.Bool("more_records")
	info.PageTokenExpiry, _ = r.Time("page_token_expiry")
	return info
}
