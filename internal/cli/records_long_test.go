package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
)

// An answer that is too long: the advice is one that the command can follow.
func TestTooLongAnswer(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":[{"Last_Name":"`+strings.Repeat("x", 2000)+`"}]}`)
	}))
	defer web.Close()
	here, err := dc.Custom(web.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	token := oauth.Token{AccessToken: oauth.NewSecret("1000.a"), APIDomain: web.URL}
	client, err := crm.New(crm.Config{Source: oauth.StaticSource(token), Directory: dc.Zoho().With(here), MaxBody: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.Records.ListPage(t.Context(), "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}})
	got := plainWords(narrow(err).Error())
	if strings.Contains(got, "--out") || !strings.HasSuffix(got, "too long to be read at once; name fewer fields with --fields, or use: zcrm bulk export") {
		t.Errorf("%q", got)
	}
	if !is(narrow(err), crm.ErrProtocol) {
		t.Errorf("%v is another error", narrow(err))
	}
}
