package crm

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// parseCriteria reads what criteriaDialect writes, by the rules of Zoho's page
// and by nothing else: brackets, colons, and a backslash before what is meant
// as it stands.
func parseCriteria(text string) (Condition, string, error) {
	bad := errors.New("not criteria: " + text)
	rest, ok := strings.CutPrefix(text, "(")
	if !ok {
		return Condition{}, "", bad
	}
	if strings.HasPrefix(rest, "(") {
		left, rest, err := parseCriteria(rest)
		if err != nil {
			return left, rest, err
		}
		op := opAnd
		if after, ok := strings.CutPrefix(rest, "or"); ok {
			op, rest = opOr, after
		} else if rest, ok = strings.CutPrefix(rest, "and"); !ok {
			return left, rest, bad
		}
		right, rest, err := parseCriteria(rest)
		if err != nil || !strings.HasPrefix(rest, ")") {
			return left, rest, bad
		}
		return Condition{op: op, group: []Condition{left, right}}, rest[1:], nil
	}
	c := Condition{}
	var word string
	if c.field, rest, ok = strings.Cut(rest, ":"); !ok {
		return c, "", bad
	}
	if word, rest, ok = strings.Cut(rest, ":"); !ok {
		return c, "", bad
	}
	for op, name := range criteriaDialect().operators {
		if name == word {
			c.op = op
		}
	}
	var value strings.Builder
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			if i++; i == len(rest) {
				return c, "", bad
			}
			value.WriteByte(rest[i])
		case ',', ')':
			c.values = append(c.values, value.String())
			value.Reset()
			if rest[i] == ')' {
				return c, rest[i+1:], nil
			}
		case '(':
			return c, "", bad
		default:
			value.WriteByte(rest[i])
		}
	}
	return c, "", bad
}

// FuzzCriteria: what is written is read back, whatever the values are.
func FuzzCriteria(f *testing.F) {
	f.Add("Last_Name", "Bach", "a,b", "c)or(id:equals:1", uint8(0))
	f.Add("a.b", `\`, `\)`, "", uint8(3))
	f.Add("$id", "(", ":", "é\u2028", uint8(7))
	f.Fuzz(func(t *testing.T, field, one, two, three string, shape uint8) {
		in := []Condition{
			Equal(field, one), In(field, one, two, three), StartsWith(field, three), Between(field, two, one),
			And(Equal(field, one), Equal(field, two)), Or(Equal(field, one), And(Equal(field, two), NotEqual(field, three))),
			And(Equal(field, one), Equal(field, two), Equal(field, three)), Greater(field, two),
		}[shape%8]
		text, err := criteriaDialect().write(in)
		if err != nil {
			utf := utf8.ValidString(one) && utf8.ValidString(two) && utf8.ValidString(three)
			if isName(field) && utf && !strings.ContainsFunc(one+two+three, unicode.IsControl) {
				t.Fatalf("refused: %v", err)
			}
			return
		}
		if !utf8.ValidString(text) {
			t.Fatalf("%q is not UTF-8", text)
		}
		out, rest, err := parseCriteria(text)
		if err != nil || rest != "" {
			t.Fatalf("%q: %v, rest %q", text, err, rest)
		}
		if in.op == opAnd && len(in.group) == 3 { // written as pairs
			in = And(And(in.group[0], in.group[1]), in.group[2])
		}
		if !reflect.DeepEqual(in, out) {
			t.Fatalf("%q: %+v became %+v", text, in, out)
		}
	})
}

// FuzzCOQL: a value stays one quoted text, whether a backslash escapes or not,
// and the query is still cut into the same clauses.
func FuzzCOQL(f *testing.F) {
	for _, seed := range []string{"Bach", "O'Brien", "' or 1=1 --", `\' or id is not null`, `\\'`, `x\`, "''", `"`, "(", ") limit 1", "%", "\n", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		q := Select{Columns: []string{"id"}, From: "Leads", Where: And(Equal("a", value), In("b", value, "x")), OrderBy: []string{"id"}, Limit: 5}
		text, err := q.COQL()
		if err != nil {
			return
		}
		quoted, _ := quoteCOQL(value)
		if want := "select id from Leads where (a = " + quoted + " and b in (" + quoted + ", 'x')) order by id limit 5 offset 0"; text != want {
			t.Fatalf("%s", text)
		}
		if got := strings.ReplaceAll(quoted[1:len(quoted)-1], "''", "'"); got != value {
			t.Fatalf("%q became %q", value, got)
		}
		for _, escapes := range []bool{false, true} {
			if end := endOfText(quoted, escapes); end != len(quoted) {
				t.Fatalf("%s ends at %d (backslash escapes: %v)", quoted, end, escapes)
			}
		}
		parts, ok := splitQuery(text)
		if !ok || parts.from != "Leads" || parts.order != "id" || parts.limit != 5 || parts.columns != "id" {
			t.Fatalf("%s: %+v", text, parts)
		}
	})
}

// endOfText finds the end of a quoted text as a reader of COQL may do.
func endOfText(text string, backslashEscapes bool) int {
	for i := 1; i < len(text); i++ {
		switch {
		case backslashEscapes && text[i] == '\\':
			i++
		case text[i] == '\'' && i+1 < len(text) && text[i+1] == '\'':
			i++
		case text[i] == '\'':
			return i + 1
		}
	}
	return -1
}

// FuzzSplitQuery: a query that was cut is put together again, and then cut the same.
func FuzzSplitQuery(f *testing.F) {
	for _, seed := range []string{
		"select a from b where c = 'd' group by e order by f desc limit 3 offset 4", "select a from b limit 4, 3", "SELECT a, COUNT(b) FROM c WHERE (d in ('x'))",
		"select 'from' from b where x = ' where ' and (select = 1)", "select a from b order", "select from where", "select a from b where c = 'it''s'", "'", "(", ")(", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		one, ok := splitQuery(text)
		if !ok {
			return
		}
		next := one.after("123")
		if next.where == "" || next.order != "id asc" {
			t.Fatalf("%+v", next)
		}
		if one.where == "" {
			one.where = "id is not null"
		}
		limit := ""
		if one.limit > 0 || one.offset > 0 {
			limit = limitClause(one.limit, one.offset)
		}
		again := one.text(limit)
		two, ok := splitQuery(again)
		if one.limit == 0 && one.offset > 0 {
			one.limit = 200
		}
		if !ok || !reflect.DeepEqual(one, two) {
			t.Fatalf("%q: %+v\n%q: %+v", text, one, again, two)
		}
	})
}

func TestScopesCover(t *testing.T) {
	for _, test := range []struct {
		granted, need string
		want          bool
	}{
		{"ZohoCRM.modules.ALL", "ZohoCRM.modules.Leads.READ", true}, {"ZohoCRM.modules.READ", "ZohoCRM.modules.Leads.READ", true},
		{"ZohoCRM.modules.READ", "ZohoCRM.modules.Leads.CREATE", false}, {"ZohoCRM.modules.leads.ALL", "ZohoCRM.modules.Leads.READ", true},
		{"ZohoCRM.modules.leads.WRITE", "ZohoCRM.modules.Leads.DELETE", true}, {"ZohoCRM.modules.contacts.ALL", "ZohoCRM.modules.Leads.READ", false},
		{"ZohoCRM.settings.ALL", "ZohoCRM.settings.fields.READ", true}, {"x", "ZohoCRM.org.READ", false},
	} {
		if got := coversScope(test.granted, test.need); got != test.want {
			t.Errorf("%s covers %s: %v", test.granted, test.need, got)
		}
	}
}

func TestPlanReaderFollowsChangingOrder(t *testing.T) {
	type row struct {
		ID string `json:"id"`
		A  string `json:"A"`
		B  *int   `json:"B"`
		C  time.Time
	}
	p, err := planOf[row]()
	if err != nil {
		t.Fatal(err)
	}
	r := p.reader()
	for _, text := range []string{
		`{"id":"1","A":"a","B":7,"C":"2026-01-02"}`, `{"B":7,"x":[1,{"A":"no"}],"C":"2026-01-02T00:00:00Z","id":"1","A":"a"}`,
		`{"A":"a","i\u0064":"1","B":"7","C":"2026-01-02"}`, `{"id":1,"A":"a","B":7,"C":"2026-01-02","y":null}`,
	} {
		var got row
		if err := r.read(Record{[]byte(text)}, &got); err != nil || got.ID != "1" || got.A != "a" || *got.B != 7 || got.C.Day() != 2 {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	full := row{A: "kept", B: new(int)}
	if err := r.read(Record{[]byte(`{"B":null}`)}, &full); err != nil || full.B != nil || full.A != "kept" {
		t.Errorf("%+v, %v", full, err)
	}
}
