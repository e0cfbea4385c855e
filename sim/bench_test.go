package sim_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// twenty are the fields of the benchmark's lists.
const twenty = "First_Name,Last_Name,Full_Name,Company,Email,Phone,Lead_Source,Lead_Status,No_of_Employees,Annual_Revenue," +
	"Email_Opt_Out,Designation,Mobile,Website,Industry,Street,City,Country,Owner,Created_Time"

func benchServer(b *testing.B, records int) (*sim.Server, string) {
	b.Helper()
	s := simtest.New(b, sim.Config{Records: records, BulkTime: -1, Limits: new(sim.NoLimits())})
	code, err := s.Server.Grant(sim.GrantRequest{User: "alice", Scope: sim.EveryScope})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/oauth/v2/token", strings.NewReader(exchangeForm(code).Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	_, rest, _ := strings.Cut(w.Body.String(), `"access_token":"`)
	token, _, _ := strings.Cut(rest, `"`)
	return s.Server, token
}

// discard takes an answer and counts its bytes.
type discard struct {
	header http.Header
	n      int64
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(int)     {}
func (d *discard) Write(p []byte) (int, error) {
	d.n += int64(len(p))
	return len(p), nil
}

func serve(b *testing.B, s *sim.Server, method, path, token, body string) int64 {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Zoho-oauthtoken "+token)
	w := &discard{header: http.Header{}}
	s.ServeHTTP(w, r)
	return w.n
}

// BenchmarkList is a page of 200 records of 20 fields, without the network.
func BenchmarkList(b *testing.B) {
	s, token := benchServer(b, 10_000)
	for b.Loop() {
		b.SetBytes(serve(b, s, "GET", "/crm/v8/Leads?page=3&fields="+twenty, token, ""))
	}
	b.ReportMetric(float64(b.N)*200/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkQuery is a query over 10,000 records that gives 2,000.
func BenchmarkQuery(b *testing.B) {
	s, token := benchServer(b, 10_000)
	body := `{"select_query":"select Last_Name, Email from Leads where (No_of_Employees > 100 and Email like '%com') limit 2000"}`
	for b.Loop() {
		b.SetBytes(serve(b, s, "POST", "/crm/v8/coql", token, body))
	}
}

// BenchmarkBulkResult is a result of 200,000 rows.
func BenchmarkBulkResult(b *testing.B) {
	s, token := benchServer(b, 200_000)
	r := httptest.NewRequest("POST", "/crm/bulk/v8/read", strings.NewReader(`{"query":{"module":{"api_name":"Leads"},"fields":["`+strings.ReplaceAll(twenty, ",", `","`)+`"]}}`))
	r.Header.Set("Authorization", "Zoho-oauthtoken "+token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	_, rest, _ := strings.Cut(w.Body.String(), `"id":"41508`)
	id, _, _ := strings.Cut(rest, `"`)
	b.ReportAllocs()
	for b.Loop() {
		if n := serve(b, s, "GET", "/crm/bulk/v8/read/41508"+url.PathEscape(id)+"/result", token, ""); n < 1<<20 {
			b.Fatalf("%d bytes; %s", n, w.Body)
		}
	}
}
