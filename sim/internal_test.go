package sim

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zohocrm/sim/internal/records"
)

func TestQuotaRollingDay(t *testing.T) {
	limits := Limits{Editions: map[string]EditionLimits{"Standard": {Credits: 100, CreditsPerUser: 5, MaxCredits: 108}}}
	q := newQuota(limits, "Standard", 2)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	spend := func(cost int) (int, bool) {
		leave, left, ok := q.enter(now, "c", cost, false)
		leave()
		return left, ok
	}
	if left, ok := spend(60); left != 48 || !ok {
		t.Errorf("left %d, %v", left, ok)
	}
	now = now.Add(12 * time.Hour)
	if left, ok := spend(48); left != 0 || !ok {
		t.Errorf("left %d, %v", left, ok)
	}
	if _, ok := spend(1); ok {
		t.Error("spent more than there was")
	}
	now = now.Add(12*time.Hour + slot)
	if left, ok := spend(60); left != 0 || !ok {
		t.Errorf("the first 60 are a day old: left %d, %v", left, ok)
	}
	now = now.Add(48 * time.Hour)
	spend(1)
	if len(q.spent) != 1 {
		t.Errorf("%d slots remembered", len(q.spent))
	}
}

func TestQuotaIsPerClient(t *testing.T) {
	q := newQuota(Limits{Editions: map[string]EditionLimits{"Free": {Concurrency: 1}}}, "Free", 1)
	leave, _, ok := q.enter(time.Time{}, "a", 1, false)
	if _, _, again := q.enter(time.Time{}, "a", 1, false); !ok || again {
		t.Error("a client went over its limit")
	}
	if _, _, ok := q.enter(time.Time{}, "b", 1, false); !ok {
		t.Error("another client was refused")
	}
	leave()
	if _, _, ok := q.enter(time.Time{}, "a", 1, false); !ok {
		t.Error("refused after the first call ended")
	}
}

// The 100,000 records that page tokens reach are too many to walk in a test.
func TestPageTokensEnd(t *testing.T) {
	s := New(Config{})
	q := map[string][]string{"fields": {"Email"}}
	seal := func(start int) string {
		return s.signer.seal(pageToken{
			User: "alice@example.com", Query: binding("Leads", q, ""), Expiry: s.Now().Add(time.Hour).Unix(),
			Start: start, Mark: records.Mark{ID: "9"},
		})
	}
	a := &apiCall{call: &call{now: s.Now()}, user: s.people.users[0]}
	for start, code := range map[int]string{tokenWindow - 1: "", tokenWindow: "PAGINATION_LIMIT_EXCEEDED"} {
		l := &listing{binding: binding("Leads", q, "")}
		got := ""
		if problem := s.readPageToken(a, seal(start), l); problem != nil {
			got = problem.code
		}
		if got != code {
			t.Errorf("start %d: %q, want %q", start, got, code)
		}
	}
}

func TestSignerRefusesForgeries(t *testing.T) {
	mine, other := newSigner(), newSigner()
	text := mine.seal("hello")
	var got string
	if !mine.open(text, &got) || got != "hello" {
		t.Error("own text refused")
	}
	for _, forged := range []string{other.seal("hello"), text + "AAAA", text[:20], "", "?"} {
		if mine.open(forged, &got) {
			t.Errorf("%q was taken", forged)
		}
	}
}

func TestBaseAddress(t *testing.T) {
	for name, c := range map[string]struct{ url, location, want string }{
		"us":    {"http://127.0.0.1:8800/", "us", "http://127.0.0.1:8800"},
		"eu":    {"http://127.0.0.1:8800/", "eu", "http://127.0.0.1:8800/eu"},
		"https": {"https://sim.localhost/", "jp", "https://sim.localhost/jp"},
	} {
		k := &call{r: httptest.NewRequest(http.MethodGet, c.url, nil)}
		if got := k.base(c.location); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestDirectory(t *testing.T) {
	d := newDirectory([]Client{{ID: "a", Locations: []string{"mars"}}}, []User{
		{Email: "sam@x.example"}, {Email: "sam@y.example", Location: "moon", FirstName: "Samira", Edition: "Free"},
	})
	if _, err := d.user("sam"); err == nil || !strings.Contains(err.Error(), "several") {
		t.Errorf("ambiguous name: %v", err)
	}
	p, err := d.user("sam@y.example")
	if err != nil || p.FirstName != "Samira" || p.ZUID == "" || p.ZGID == d.users[0].ZGID || p.Edition != "Free" {
		t.Errorf("%+v, %v", p, err)
	}
	for path, want := range map[string]string{
		"/oauth/v2/token": "us /oauth/v2/token", "/eu/oauth/v2/token": "eu /oauth/v2/token", "/us/x": "us /x",
		"/mars/x": "mars /x", "/moon/x": "moon /x", "/venus/x": "us /venus/x", "/eu": "us /eu", "": "us ",
	} {
		location, rest := d.split(path)
		if got := location + " " + rest; got != want {
			t.Errorf("%q: %q", path, got)
		}
	}
	if _, ok := d.client("a", "us"); ok {
		t.Error("the client is known on mars only")
	}
}

func TestHeavyCalls(t *testing.T) {
	many := `{"data":[` + strings.Repeat(`{"a":1},`, 10) + `{"a":1}]}`
	for _, c := range []struct {
		method, path, body string
		heavy              bool
	}{
		{"GET", "Leads?fields=Email", "", false}, {"GET", "Leads?fields=Email&sort_by=id", "", true}, {"GET", "Leads?cvid=1", "", true},
		{"POST", "Leads", many, true}, {"PUT", "Leads", `{"data":[{"a":1}]}`, false}, {"POST", "coql", "{}", true},
		{"POST", "Leads/1/actions/convert", "{}", true}, {"POST", "__composite_requests", "{}", false}, {"DELETE", "Leads?ids=1", "", false},
	} {
		r := httptest.NewRequest(c.method, "/crm/v8/"+c.path, strings.NewReader(c.body))
		a := &apiCall{call: &call{r: r}, area: "crm", rest: strings.Split(strings.TrimPrefix(r.URL.Path, "/crm/v8/"), "/"), body: []byte(c.body)}
		if _, heavy := a.price(); heavy != c.heavy {
			t.Errorf("%s %s: heavy %v", c.method, c.path, heavy)
		}
	}
}
