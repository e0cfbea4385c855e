package oauth

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"zohocrm/dc"
)

// An answer of the accounts server is a token or a ServerError, and the error
// shows nothing of the answer but a plain code.
//
// Defects: D20.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"1000.a","refresh_token":"1000.r","api_domain":"https://www.zohoapis.com","token_type":"Bearer","expires_in":3600}`,
		`{"access_token":"a","expires_in_sec":3600,"expires_in":3600000,"scope":"a b"}`,
		`{"error":"invalid_code"}`, `{"error_description":"You have made too many requests","error":"Access Denied","status":"failure"}`,
		`{"status":"success"}`, `<html>`, ``, `null`, `[]`, `{"access_token":5}`, `{"expires_in":1e99,"access_token":"a"}`,
	} {
		f.Add(200, []byte(body))
		f.Add(400, []byte(body))
	}
	sent := time.Unix(1_800_000_000, 0)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		ans := answer{host: "accounts.example", status: status, body: body, at: sent}
		for _, op := range []operation{opExchange, opRefresh} {
			issued, err := ans.issued(op, sent)
			if err == nil {
				if issued.AccessToken.IsZero() || issued.Life < 0 || issued.Life > maxLife {
					t.Errorf("%s: issued %+v", op, issued)
				}
				continue
			}
			checkServerError(t, err)
		}
		if err := ans.revoked(); err != nil {
			checkServerError(t, err)
		}
	})
}

func checkServerError(t *testing.T, err error) {
	t.Helper()
	var rich *ServerError
	if !errors.As(err, &rich) || rich.Class == nil {
		t.Fatalf("not a classed ServerError: %v", err)
	}
	if len(rich.Code) > 40 || strings.ContainsAny(err.Error(), "\r\n\x00<") {
		t.Errorf("the error shows the answer: %q", err)
	}
}

// A redirect is a code for a listed data centre, or an error.
func FuzzCallback(f *testing.F) {
	for _, q := range []string{
		"code=1000.a&state=s&location=eu&accounts-server=https%3A%2F%2Faccounts.zoho.eu", "error=access_denied&state=s",
		"code=a&state=s&accounts-server=https://accounts.zoho.com.evil.example", "state=s&code=a&location=us%00", "%zz", "",
		"state=s&state=x&code=a", "code=a&code=b&state=s", "error=x&error=y&state=s", "code=a&state=s&location=us&location=eu",
		"code=a&state=s&accounts-server=https%3A%2F%2Faccounts.zoho.eu&accounts-server=https%3A%2F%2Faccounts.zoho.com",
	} {
		f.Add(q)
	}
	zoho := dc.Zoho()
	home, _ := zoho.ByLocation("us")
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		cb, err := ParseCallback(q, "s", home, zoho)
		if err != nil {
			return
		}
		for _, name := range []string{"state", "code", "error", "location", "accounts-server"} {
			if len(q[name]) > 1 {
				t.Errorf("%q: believed, and %s stands twice", raw, name)
			}
		}
		if listed, ok := zoho.ByAccountsURL(cb.DataCenter.AccountsURL); !ok || listed != cb.DataCenter || cb.GrantToken.IsZero() {
			t.Errorf("%q: believed %+v", raw, cb.DataCenter)
		}
	})
}
