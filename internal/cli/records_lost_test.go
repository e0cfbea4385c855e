package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"zohocrm/crm"
	"zohocrm/sim"
)

// onRead does something when data is read as far as here.
type onRead struct {
	do   func()
	rest io.Reader
}

func (o *onRead) Read(p []byte) (int, error) {
	if o.do != nil {
		o.do()
		o.do = nil
	}
	return o.rest.Read(p)
}

// A call in the middle that is not answered: it says which records may have been
// written, and a call that is refused says nothing of the kind.
func TestWriteStopsInTheMiddle(t *testing.T) {
	rows := func(n int) io.Reader { return strings.NewReader(strings.Repeat("Doe\n", n)) }
	for kind, want := range map[sim.FaultKind]string{
		sim.FaultStatus500: "records 101 to 200: whether they were written is not known; 201 and later were not sent\n",
		sim.FaultHTML:      "records 101 to 200: whether they were written is not known; 201 and later were not sent\n",
		sim.FaultDropAfter: "records 101 to 200: whether they were written is not known; 201 and later were not sent\n",
		sim.FaultBadJSON:   "records 101 to 200: whether they were written is not known; 201 and later were not sent\n",
		sim.FaultTooMany:   "",
	} {
		r := newRig(t)
		r.login("alice")
		var out, errs bytes.Buffer
		data := io.MultiReader(strings.NewReader("Last_Name\n"), rows(100), &onRead{
			do: func() { r.sim.Inject(sim.Fault{Kind: kind, Match: "api"}) }, rest: rows(150),
		})
		code := Main([]string{"records", "create", "Leads", "-o", "csv"}, data, &out, &errs, r.environ())
		if n := strings.Count(out.String(), ",success,"); code == exitOK || n != 100 {
			t.Errorf("%s: exit code %d after %d records: %s", kind, code, n, errs.String())
		}
		if want == "" && strings.Contains(errs.String(), "not known") || !strings.HasSuffix(errs.String(), want) {
			t.Errorf("%s: %q, want %q", kind, errs.String(), want)
		}
		if !strings.Contains(errs.String(), "after 100 records, of which 0 failed") {
			t.Errorf("%s: it does not say how far it came: %q", kind, errs.String())
		}
	}
}

// Data that is not UTF-8 is refused, and nothing of it is sent.
func TestWriteForeignEncoding(t *testing.T) {
	r := newRig(t)
	r.login("alice")
	for _, c := range []struct{ args, stdin, want string }{
		{"records create Leads", "Last_Name,City\nA,B\nC,Z\xfcrich\n", "line 3 of the data is not UTF-8: convert it to UTF-8, as with iconv"},
		{"records create Leads --dry-run", "{\"Last_Name\":\"Z\xfcrich\"}", "record 1 of the data is not UTF-8: convert"},
		{"records create Leads", "\xff\xfeL\x00a\x00", "the data is UTF-16: convert it to UTF-8"},
		{"records create Leads Last_Name=Z\xfcrich", "", "the value of Last_Name is not UTF-8: convert"},
		{"records upsert Leads -d {\"Last_Name\":\"Z\xfcrich\"}", "", "record 1 of the data is not UTF-8"},
		{"records list Leads --where City=Z\xfcrich", "", "the value for City is not UTF-8"},
		{"records list Leads --where ((City:equals:Z\xfcrich))", "", "not UTF-8"},
		{"records search Leads Z\xfcrich", "", "not UTF-8"},
		{"query @-", "select id from Leads where City = 'Z\xfcrich'", "the query is not UTF-8: convert"},
	} {
		calls := r.sim.Counters().APICalls
		got := r.run(c.stdin, strings.Fields(c.args)...)
		if got.code == exitOK || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%q: exit code %d, %q, want %q", c.args, got.code, got.stderr, c.want)
		}
		if sent := r.sim.Counters().APICalls - calls; sent > 1 { // the module's fields
			t.Errorf("%q: %d calls", c.args, sent)
		}
	}
}

// A call has no more than a number of records, and of bytes.
func TestBatches(t *testing.T) {
	long := fmt.Sprintf(`{"a":%q}`, strings.Repeat("x", 2<<20))
	huge := fmt.Sprintf(`{"a":%q}`, strings.Repeat("x", 6<<20))
	for _, c := range []struct {
		records []string
		want    string
	}{
		{nil, "[]"},
		{slicesOf("{}", 100), "[100]"},
		{slicesOf("{}", 201), "[100 100 1]"},
		{[]string{long, long, long, "{}", huge, "{}"}, "[2 2 1 1]"},
	} {
		var sizes []int
		all := func(yield func(crm.Record, error) bool) {
			for _, r := range recordsOf(t, c.records...) {
				if !yield(r, nil) {
					return
				}
			}
		}
		for batch, err := range batches(all) {
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(batch))
		}
		if got := fmt.Sprint(sizes); got != c.want {
			t.Errorf("%d records: calls of %s, want %s", len(c.records), got, c.want)
		}
	}
}

func slicesOf(text string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = text
	}
	return all
}

// A field that was made after the list of fields was remembered is no mistake.
func TestNewFieldIsAskedFor(t *testing.T) {
	known := recordsOf(t, `{"api_name":"Last_Name","json_type":"string"}`)
	types := typesOf("Leads", known)
	asked := 0
	types.strict, types.again = true, func() []crm.Record {
		asked++
		return append(known, recordsOf(t, `{"api_name":"Newest","json_type":"integer"}`)...)
	}
	if err := types.checkHeader([]string{"Last_Name", "Newest"}); err != nil || asked != 1 {
		t.Errorf("a new field: %v, asked %d times", err, asked)
	}
	if got := types.record([]string{"Newest"}, []string{"5"}, false).String(); got != `{"Newest":5}` {
		t.Errorf("its type is not known: %s", got)
	}
	if err := types.unknown("Zzzqq"); err == nil || asked != 1 {
		t.Errorf("no such field: %v, asked %d times", err, asked)
	}
}
