package crm

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"zohocrm/oauth"
)

// FuzzError: whatever comes as an answer, the error is short, of one line, of a
// known kind, and without the token.
func FuzzError(f *testing.F) {
	for _, seed := range []string{
		`{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}`,
		`{"data":[{"code":"DUPLICATE_DATA","details":{"api_name":"Email"},"message":"duplicate data","status":"error"}]}`,
		`{"code":429,"error":"TOO_MANY_REQUESTS","error_info":"Many requests fired"}`,
		`{"error":"Access Denied","status":"failure"}`,
		`{"code":"X","message":"Zoho-oauthtoken 1000.c0ffee","details":{"api_name":"1000.c0ffee"}}`,
		`<html><body>502</body></html>`, ``, `{"code":`, `[]`, `{"data":[]}`, "{\"code\":\"A\",\"message\":\"\xff\u2028\"}",
	} {
		f.Add(400, "application/json", []byte(seed))
		f.Add(502, "text/html", []byte(seed))
	}
	sent := oauth.NewSecret("1000.c0ffee")
	f.Fuzz(func(t *testing.T, status int, contentType string, text []byte) {
		answer := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Request: &http.Request{}}
		err := newError(&call{method: "GET", path: "/crm/v8/Leads"}, answer, text, sent)
		said := err.Error()
		if len(said) > 1500 || !utf8.ValidString(said) || strings.ContainsFunc(said, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("not a short line: %q", said)
		}
		if strings.Contains(said+string(err.Details), "1000.c0ffee") && !strings.Contains(contentType, "1000.c0ffee") {
			t.Errorf("the token is shown: %q", said)
		}
		if err.Details != nil && !json.Valid(err.Details) {
			t.Errorf("details are not JSON: %q", err.Details)
		}
		if !errors.Is(err, err.kind()) || err.Status != status {
			t.Errorf("%+v", err)
		}
		isBareError(text)
	})
}

// FuzzRecordList uses encoding/json as the oracle for pages of records.
func FuzzRecordList(f *testing.F) {
	for _, seed := range []string{
		`{"data":[{"id":"1","a":null},{}],"info":{"more_records":true}}`, `{"info":{},"data":[]}`, `{"data":null}`, `{"data":[1]}`, `{"data":[{}]} x`,
		"{\"data\":[{\"\xff\":1,\"a\\\\b\":\"\xff\"}]}", `{"d\u0061ta":[{"id":"\ud83d"}]}`, `{}`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list := recordList{name: "data"}
		if list.decode(text) != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatal("took a text that is not JSON")
		}
		for _, r := range list.records {
			var want map[string]json.RawMessage
			if err := json.Unmarshal(r.text, &want); err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for name, raw := range r.Fields() {
				if doubled := seen[name]; !doubled && string(r.Raw(name)) != string(raw) {
					t.Fatalf("Raw(%q) = %q, Fields says %q", name, r.Raw(name), raw)
				}
				seen[name] = true
				var text string
				if json.Unmarshal(raw, &text) == nil && raw[0] == '"' && string(r.Raw(name)) == string(raw) && r.Text(name) != text {
					t.Fatalf("Text(%q) = %q, encoding/json says %q", name, r.Text(name), text)
				}
			}
			if len(seen) != len(want) {
				t.Fatalf("%d names, encoding/json has %d", len(seen), len(want))
			}
		}
	})
}
