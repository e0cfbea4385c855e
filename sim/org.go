package sim

import (
	"net/http"
	"sync"
	"time"

	"zohocrm/sim/internal/records"
)

// org is one organisation: its users, its records, all that hangs on them, and
// what it has used of its API limits.
type org struct {
	id      string
	zgid    string
	members []*person
	created time.Time
	now     func() time.Time
	book    func() *records.Book // made when first asked for
	quota   *quota

	vault       *vault
	attachments attachments
	channels    channels
	jobs        jobBook
	staff       staff

	mu       sync.Mutex
	names    map[string]string // of files, by ID
	massJobs []*massJob
}

func newOrg(n int, members []*person, limits Limits, leads int, now func() time.Time) *org {
	start := now()
	return &org{
		id:      recordID(orgSpace+n, 1),
		zgid:    members[0].ZGID,
		members: members,
		created: start.Truncate(time.Second),
		now:     now,
		quota:   newQuota(limits, members[0].Edition, len(members)),
		vault:   newVault(),
		names:   make(map[string]string),
		book: sync.OnceValue(func() *records.Book {
			var people []records.Person
			for _, p := range members {
				people = append(people, p.asOwner())
			}
			b := records.New(func(i int) string { return recordID(orgSpace+n, 300_000+i) }, people)
			b.Seed(leads, start)
			return b
		}),
	}
}

func (p *person) asOwner() records.Person {
	return records.Person{ID: p.id, Name: p.FirstName + " " + p.LastName, Email: p.Email}
}

// nameFile remembers the name of an uploaded file.
func (o *org) nameFile(id, name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.names[id] = name
}

func (o *org) fileName(id string) (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	name, ok := o.names[id]
	return name, ok
}

func (o *org) addMassJob(j *massJob) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.massJobs) >= maxJobs {
		o.massJobs = o.massJobs[1:]
	}
	o.massJobs = append(o.massJobs, j)
}

func (o *org) massJob(id string) *massJob {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, j := range o.massJobs {
		if j.id == id {
			return j
		}
	}
	return nil
}

// getOrg is GET /org.
func (s *Server) getOrg(a *apiCall) {
	first := a.org.members[0]
	kind := map[string]string{"": "Production", "sandbox": "Sandbox", "developer": "Developer"}[first.Environment]
	out := map[string]any{
		"id":                       a.org.id,
		"zgid":                     a.org.zgid,
		"company_name":             "Organisation " + a.org.zgid,
		"primary_email":            first.Email,
		"primary_zuid":             first.ZUID,
		"type":                     kind,
		"country":                  "US",
		"country_code":             "US",
		"currency":                 "US Dollar - USD",
		"currency_symbol":          "$",
		"currency_locale":          "en_US",
		"iso_code":                 "USD",
		"time_zone":                "UTC",
		"created_time":             a.org.created.UTC().Format(records.Stamp),
		"domain_name":              "org" + a.org.zgid,
		"phone":                    "+1 555 0000000",
		"mobile":                   "+1 555 0000001",
		"employee_count":           "10",
		"website":                  "https://org" + a.org.zgid + ".example",
		"ezgid":                    "ez" + a.org.zgid,
		"call_icon":                "desktop",
		"zia_zgid":                 0,
		"max_per_page":             perPageMax,
		"mc_status":                false,
		"gapps_enabled":            false,
		"translation_enabled":      false,
		"deletable_org_account":    false,
		"privacy_settings":         false,
		"hipaa_compliance_enabled": false,
		"lite_users_enabled":       false,
		"oauth_presence":           true,
		"hierarchy_preferences":    map[string]any{"type": "Role_Hierarchy", "strictly_reporting": false},
		"checkin_preferences":      map[string]any{"restricted_event_types": nil},
		"license_details": map[string]any{
			"paid": first.Edition != "Free", "paid_type": first.Edition, "users_license_purchased": len(a.org.members),
			"paid_expiry": a.org.created.AddDate(1, 0, 0).UTC().Format(records.Stamp), "trial_type": nil, "trial_expiry": nil, "trial_action": "",
		},
	}
	for _, name := range []string{"photo_id", "city", "description", "street", "alias", "state", "fax", "zip", "zia_portal_id"} {
		out[name] = nil
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"org": []any{out}})
}
