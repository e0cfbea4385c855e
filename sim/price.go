package sim

import (
	"net/http"
	"slices"
)

// price is what a call costs and whether it is a heavy one (Zoho: api-limits
// page): one credit; one for each ten records written; three for a list with a
// custom view, two for deleted records, five for a conversion; one for each 50
// records tagged; 50 and 500 for bulk jobs. Heavy are queries, sorted lists,
// lists of a view, conversions and writes of over ten records.
func (a *apiCall) price() (credits int, heavy bool) {
	q := a.r.URL.Query()
	switch a.r.Method {
	case http.MethodPost, http.MethodPut:
		return a.writePrice()
	case http.MethodGet:
		switch {
		case a.area != "crm":
		case q.Has("cvid"):
			return 3, true
		case a.last("deleted"):
			return 2, false
		default:
			return 1, q.Has("sort_by")
		}
	}
	return 1, false
}

func (a *apiCall) writePrice() (credits int, heavy bool) {
	switch {
	case a.area == "bulk" && a.last("read"):
		return 50, false
	case a.area == "bulk" && a.last("write"):
		return 500, false
	case a.area != "crm", a.body == nil, a.rest[0] == "__composite_requests", a.rest[0] == "actions":
		if a.area == "crm" && a.body == nil {
			a.items = readItems(nil)
		}
		return 1, false
	case a.rest[0] == "coql":
		a.query = readQuery(a.body)
		return a.query.credits(), true
	case a.last("convert"):
		a.items = readItems(a.body)
		return 5, true
	case a.last("add_tags"), a.last("remove_tags"):
		return max(1, (len(readTagging(a.body).IDs)+49)/50), false
	}
	a.items = readItems(a.body)
	n := len(a.items.data)
	return max(1, (n+9)/10), n > 10
}

// last reports whether the path ends in the segment.
func (a *apiCall) last(segment string) bool {
	return len(a.rest) > 0 && slices.Index(a.rest, segment) == len(a.rest)-1
}
