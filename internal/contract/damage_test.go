package contract

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestDamageIsFound: the checks that find nothing would find these.
func TestDamageIsFound(t *testing.T) {
	ours, err := Describe("testdata")
	if err != nil {
		t.Fatal(err)
	}
	damage(t, ours, map[string]damaged{
		"an ID that is a number": {"Records.Get", 200, answerText(`"id":"`, `"id":1,"x":"`), "answer"},
		"a status":               {"Records.Insert", 201, answerText(`"status":"success"`, `"status":"fine"`), "answer"},
		"no code":                {"Records.Insert", 201, answerText(`"code":`, `"kode":`), "answer"},
		"a time without zone":    {"Records.Get", 200, answerText(`+00:00"`, `"`), "answer"},
		"no info":                {"Records.ListPage", 200, answerText(`"info":`, `"infos":`), "answer"},
		"no JSON":                {"Query.Run", 200, answerText(`{`, `<`), "answer"},
		"a member too many":      {"Records.Insert", 201, bodyText(`"data":`, `"dada":1,"data":`), "request"},
		"no query":               {"Query.Run", 200, bodyText(`"select_query":`, `"query":`), "request"},
		"a parameter too many":   {"Records.ListPage", 200, query("colour", "red"), "request"},
		"a parameter's value":    {"Records.ListPage", 200, query("per_page", "201"), "request"},
		"another parameter":      {"Records.Search", 200, query("converted", "perhaps"), "request"},
		"an empty answer":        {"Records.Count", 200, func(e *Exchange) { e.Answer = nil }, "answer"},
		"a header":               {"Records.Insert", 201, func(e *Exchange) { e.Request.Header.Set("X-Colour", "red") }, "request"},
		"a page":                 {"Records.Count", 200, func(e *Exchange) { e.Header.Set("Content-Type", "text/html") }, "answer"},
	})
}

// TestDamageIsFoundByZoho: the exceptions do not let everything pass.
func TestDamageIsFoundByZoho(t *testing.T) {
	zoho, _, err := DescribeZoho(needOAS(t))
	if err != nil {
		t.Fatal(err)
	}
	damage(t, zoho, map[string]damaged{
		"a status":             {"Records.Insert", 201, answerText(`"status":"success"`, `"status":"fine"`), "answer"},
		"no code":              {"Tags.Create", 201, answerText(`"code":`, `"kode":`), "answer"},
		"a list":               {"Metadata.Fields", 200, answerText(`{"fields":[`, `{"fields":7,"x":[`), "answer"},
		"an error of no form":  {"Records.ListPage", 400, answerText(`"details":`, `"detail":`), "answer"},
		"a member too many":    {"Composite.Run", 200, bodyText(`"method":`, `"methods":1,"method":`), "request"},
		"a parameter too many": {"Users.List", 200, query("colour", "red"), "request"},
		"no address":           {"Org.Get", 200, func(e *Exchange) { e.Request.URL.Path = "/crm/v8/a/b/c/d/e" }, "request"},
		"a part":               {"Files.Upload", 200, bodyText(`name="file"`, `name="data"`), "request"},
		"no body":              {"Query.Run", 200, func(e *Exchange) { e.Body = nil }, "request"},
	})
}

type damaged struct {
	caller string
	status int
	do     func(*Exchange)
	side   string
}

func damage(t *testing.T, d *Descriptions, cases map[string]damaged) {
	t.Helper()
	for name, test := range cases {
		e, ok := exchangeOf(recorded(t), test.caller, test.status)
		if !ok {
			t.Errorf("%s: no exchange of %s with status %d", name, test.caller, test.status)
			continue
		}
		before := whole(e)
		if test.do(&e); whole(e) == before {
			t.Errorf("%s: the exchange was not damaged", name)
			continue
		}
		list, err := d.Check(e)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(list) == 0 || !strings.Contains(list[0].String(), ": "+test.side) {
			t.Errorf("%s was not found on the %s: %v", name, test.side, list)
		}
	}
}

// whole is all of an exchange.
func whole(e Exchange) string {
	return fmt.Sprint(e.Request.URL, e.Request.Header, string(e.Body), e.Header, string(e.Answer))
}

// exchangeOf is a copy of an exchange.
func exchangeOf(r Record, caller string, status int) (Exchange, bool) {
	for _, e := range r.Exchanges {
		if e.Caller == caller && e.Status == status {
			e.Request = e.Request.Clone(background())
			e.Header = e.Header.Clone()
			e.Body, e.Answer = bytes.Clone(e.Body), bytes.Clone(e.Answer)
			return e, true
		}
	}
	return Exchange{}, false
}

func answerText(old, changed string) func(*Exchange) {
	return func(e *Exchange) { e.Answer = bytes.ReplaceAll(e.Answer, []byte(old), []byte(changed)) }
}

func bodyText(old, changed string) func(*Exchange) {
	return func(e *Exchange) { e.Body = bytes.Replace(e.Body, []byte(old), []byte(changed), 1) }
}

func query(name, value string) func(*Exchange) {
	return func(e *Exchange) {
		values, _ := url.ParseQuery(e.Request.URL.RawQuery)
		values.Set(name, value)
		e.Request.URL.RawQuery = values.Encode()
	}
}
