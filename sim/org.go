package sim

import (
	"net/http"
	"sync"
	"time"

	"zohocrm/sim/internal/records"
)

// org is one organisation: its users, its records and what it has used of its
// API limits.
type org struct {
	id      string
	zgid    string
	members []*person
	created time.Time
	book    func() *records.Book // made when first asked for
	quota   *quota
}

func newOrg(n int, members []*person, limits Limits, leads int, now time.Time) *org {
	return &org{
		id:      recordID(orgSpace+n, 1),
		zgid:    members[0].ZGID,
		members: members,
		created: now.Truncate(time.Second),
		quota:   newQuota(limits, members[0].Edition, len(members)),
		book: sync.OnceValue(func() *records.Book {
			var people []records.Person
			for _, p := range members {
				people = append(people, p.asOwner())
			}
			b := records.New(func(i int) string { return recordID(orgSpace+n, 300_000+i) }, people)
			b.Seed(leads, now)
			return b
		}),
	}
}

func (p *person) asOwner() records.Person {
	return records.Person{ID: p.id, Name: p.FirstName + " " + p.LastName, Email: p.Email}
}

// getOrg is GET /org.
func (s *Server) getOrg(a *apiCall) {
	first := a.org.members[0]
	writeJSON(a.w, http.StatusOK, map[string]any{"org": []any{map[string]any{
		"id":            a.org.id,
		"zgid":          a.org.zgid,
		"company_name":  "Organisation " + a.org.zgid,
		"primary_email": first.Email,
		"primary_zuid":  first.ZUID,
		"type":          "Production",
		"country_code":  "US",
		"currency":      "US Dollar - USD",
		"iso_code":      "USD",
		"time_zone":     "UTC",
		"created_time":  a.org.created.Format(records.Stamp),
		"license_details": map[string]any{
			"paid": first.Edition != "Free", "paid_type": first.Edition, "users_license_purchased": len(a.org.members),
		},
	}}})
}
