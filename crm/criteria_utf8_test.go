package crm_test

import (
	"net/http"
	"strings"
	"testing"

	"zohocrm/crm"
)

// A value that is not UTF-8 is refused before it is sent, in every language that
// conditions are written in: as U+FFFD it would match nothing, or the wrong thing.
func TestConditionsAreUTF8(t *testing.T) {
	type named string
	s := newStub(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") })
	c, _ := s.client(t, "1000.a")
	for _, where := range []crm.Condition{
		crm.Equal("City", "Z\xfcrich"), crm.StartsWith("City", "Z\xfc"), crm.In("City", "a", "Z\xfcrich"), crm.Equal("City", named("Z\xfcrich")),
		crm.And(crm.Equal("City", "a"), crm.Or(crm.Equal("City", "b"), crm.Between("City", "a", "\xfc"))),
	} {
		q := crm.Select{Columns: []string{"id"}, From: "Leads", Where: where}
		if _, err := q.COQL(); err == nil || !strings.Contains(err.Error(), "the value for City is not UTF-8") {
			t.Errorf("COQL: %v", err)
		}
		for _, err := range c.Records.Search(t.Context(), "Leads", &crm.SearchOptions{Where: where}) {
			if err == nil || !strings.Contains(err.Error(), "the value for City is not UTF-8") {
				t.Errorf("search: %v", err)
			}
		}
		if _, err := c.Bulk.StartRead(t.Context(), crm.ReadQuery{Module: "Leads", Where: where}); err == nil || !strings.Contains(err.Error(), "is not UTF-8") {
			t.Errorf("bulk read: %v", err)
		}
	}
	for _, err := range c.Records.Search(t.Context(), "Leads", &crm.SearchOptions{Criteria: "(City:equals:Z\xfcrich)"}) {
		if err == nil || !strings.Contains(err.Error(), "the criteria are not UTF-8") {
			t.Errorf("criteria: %v", err)
		}
	}
}
