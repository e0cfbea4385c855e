package crm_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"zohocrm/crm"
)

func TestCancelledInsideAPage(t *testing.T) {
	server := newStub(t, says(200, jsonType, `{"data":[{"id":"1"},{"id":"2"},{"id":"3"}],"info":{"more_records":true,"next_page_token":"x"}}`))
	c, _ := server.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	seen := 0
	for _, err := range c.Records.List(ctx, "Leads", &crm.ListOptions{Fields: []string{"id"}}) {
		seen++
		last = err
		cancel()
	}
	if seen != 2 || !errors.Is(last, context.Canceled) || server.calls.Load() != 1 {
		t.Errorf("%d yields, %v, %d calls", seen, last, server.calls.Load())
	}
}

// TestListsWithoutTokens: page numbers are followed where no token is given,
// and a list that cannot go on does not end as if it were whole.
func TestListsWithoutTokens(t *testing.T) {
	var asked []string
	pages := map[string]string{
		"":      `{"data":[{"id":"1"}],"info":{"more_records":true,"page":1}}`,
		"2":     `{"data":[{"id":"2"}],"info":{"more_records":true,"next_page_token":"T","page":2}}`,
		"T":     `{"data":[{"id":"3"}],"info":{"more_records":true,"next_page_token":"T"}}`,
		"start": `{"data":[{"id":"4"}],"info":{"more_records":true,"next_page_token":null}}`,
	}
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, q.Get("page")+q.Get("page_token"))
		says(200, jsonType, pages[q.Get("page")+q.Get("page_token")])(w, r)
	})
	c, _ := server.client(t)
	var last error
	for _, err := range c.Records.List(t.Context(), "Leads", &crm.ListOptions{Fields: []string{"id"}}) {
		last = err
	}
	if strings.Join(asked, ",") != ",2,T" || !errors.Is(last, crm.ErrProtocol) {
		t.Errorf("asked %q, %v", asked, last)
	}
	for _, err := range c.Records.List(t.Context(), "Leads", &crm.ListOptions{Fields: []string{"id"}, PageToken: "start"}) {
		last = err
	}
	if !errors.Is(last, crm.ErrProtocol) {
		t.Errorf("no token after a token: %v", last)
	}
}

func TestWrongRecordsAreNotSent(t *testing.T) {
	server := newStub(t, says(200, jsonType, `{}`))
	c, _ := server.client(t)
	for _, records := range []any{"text", 7, []int{1}, []any{leads(1)[0], nil}, []byte("{}"), make(chan int), true} {
		if _, err := c.Records.Insert(t.Context(), "Leads", records, nil); err == nil {
			t.Errorf("Insert took %T", records)
		}
	}
	if _, err := c.Records.Update(t.Context(), "Leads", leads(1), nil); err == nil || !strings.Contains(err.Error(), "id") {
		t.Errorf("Update without id: %v", err)
	}
	for _, ids := range [][]string{{""}, {"1,2"}} {
		if _, err := c.Records.Delete(t.Context(), "Leads", ids, nil); err == nil {
			t.Errorf("Delete took %q", ids)
		}
	}
	for _, none := range []any{nil, []lead{}, []lead(nil)} {
		if results, err := c.Records.Insert(t.Context(), "Leads", none, nil); len(results) != 0 || err != nil {
			t.Errorf("Insert of nothing: %v, %v", results, err)
		}
	}
	if n := server.calls.Load(); n != 0 {
		t.Errorf("%d calls", n)
	}
}
