package main

import (
	"errors"
	"net/http"
	"strconv"

	"zohocrm/crm"
	"zohocrm/oauth"
)

const (
	leadsPerPage = 20
	// maxPage: by page number Zoho lists the first 2,000 records (Zoho: get-records).
	maxPage = 2000 / leadsPerPage
)

// lead is what the page shows of a record.
type lead struct {
	ID        string `json:"id"`
	FirstName string `json:"First_Name"`
	LastName  string `json:"Last_Name"`
	Company   string `json:"Company"`
	Email     string `json:"Email"`
	Phone     string `json:"Phone"`
	Status    string `json:"Lead_Status"`
}

// leadsPage is what the template of the table is given.
type leadsPage struct {
	Leads            []lead
	Page, Prev, Next int // page numbers; 0: there is none
	First, Last      int // numbers of the rows on it
}

// leads shows a page of the signed-in person's leads.
func (a *app) leads(w http.ResponseWriter, r *http.Request) {
	s, ok := a.signedIn(r)
	if !ok {
		a.forget(w, r)
		a.send(w, r, "/", "signin")
		return
	}
	page, ok := pageNumber(r.URL.Query().Get("page"))
	if !ok {
		a.notFound(w, r)
		return
	}
	list, err := s.zoho.CRM.Records.ListPage(r.Context(), "Leads", &crm.ListOptions{
		Fields:  []string{"First_Name", "Last_Name", "Company", "Email", "Phone", "Lead_Status"},
		PerPage: leadsPerPage, Page: page,
	})
	var view leadsPage
	if err == nil {
		view, err = newLeadsPage(list, page)
	}
	if err != nil {
		a.noLeads(w, r, s, err)
		return
	}
	a.show(w, r, http.StatusOK, "leads", "Leads", view)
}

func newLeadsPage(list *crm.Page, page int) (leadsPage, error) {
	view := leadsPage{Page: page, Prev: page - 1, First: (page-1)*leadsPerPage + 1}
	for _, record := range list.Records {
		var l lead
		if err := record.Decode(&l); err != nil {
			return view, err
		}
		view.Leads = append(view.Leads, l)
	}
	view.Last = view.First + len(view.Leads) - 1
	if list.Info.MoreRecords && page < maxPage {
		view.Next = page + 1
	}
	return view, nil
}

func pageNumber(text string) (int, bool) {
	if text == "" {
		return 1, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= maxPage
}

// noLeads says what keeps Zoho from answering, by what the person can do.
func (a *app) noLeads(w http.ResponseWriter, r *http.Request, s session, err error) {
	a.log.Warn("no leads", "error", err)
	switch {
	case gone(err): // disconnected elsewhere, or taken out of the store
		a.endSessions(s)
		a.forget(w, r)
		a.send(w, r, "/", "gone")
	case errors.Is(err, oauth.ErrReauthRequired), errors.Is(err, crm.ErrInvalidToken):
		a.endSessions(s)
		a.forget(w, r)
		a.send(w, r, "/", "consent")
	case errors.Is(err, crm.ErrScope), errors.Is(err, crm.ErrPermission):
		a.fail(w, r, http.StatusForbidden, "You may not see leads", "Zoho says that your consent, or your profile in the CRM, does not cover them. Ask the administrator of your CRM, or connect again.")
	case errors.Is(err, crm.ErrThrottled), errors.Is(err, oauth.ErrThrottled):
		w.Header().Set("Retry-After", "60")
		a.fail(w, r, http.StatusServiceUnavailable, "Zoho asks for a pause", "Too many calls were made for your organisation. Try again in a minute.")
	default:
		a.fail(w, r, http.StatusBadGateway, "Zoho does not answer as it should", "Nothing is lost. Try again in a minute.")
	}
}

// gone: the person's tokens are not in the store any more.
func gone(err error) bool {
	return errors.Is(err, oauth.ErrNotFound) || errors.Is(err, oauth.ErrMismatch)
}
