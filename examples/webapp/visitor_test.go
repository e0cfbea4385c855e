package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// visitor is a browser without a window: it keeps cookies and follows no redirect.
type visitor struct {
	t *testing.T
	r *rig
	c *http.Client
}

func newVisitor(r *rig) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	transport := &http.Transport{}
	r.t.Cleanup(transport.CloseIdleConnections)
	return &visitor{t: r.t, r: r, c: &http.Client{
		Jar: jar, Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what came back.
type answer struct {
	status   int
	header   http.Header
	location string
	body     string
}

func (v *visitor) do(method, address string, header ...string) answer {
	v.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.r.url + address
	}
	req, err := http.NewRequestWithContext(v.t.Context(), method, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := v.c.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, resp.Header.Get("Location"), string(body)}
}

func (v *visitor) get(address string) answer { v.t.Helper(); return v.do(http.MethodGet, address) }

// post sends a form of the application's own page.
func (v *visitor) post(path string) answer {
	v.t.Helper()
	return v.do(http.MethodPost, path, "Sec-Fetch-Site", "same-origin")
}

// consent goes to Zoho and returns the address to which the browser is sent back.
func (v *visitor) consent(user string) string {
	v.t.Helper()
	back := v.get(v.post("/connect").location + "&auto=" + user).location
	if !strings.HasPrefix(back, v.r.url+"/callback?") {
		v.t.Fatalf("Zoho sends the browser to %q", back)
	}
	return back
}

// signIn does all of it.
func (v *visitor) signIn(user string) {
	v.t.Helper()
	if a := v.get(v.consent(user)); a.status != http.StatusSeeOther || a.location != "/leads" {
		v.t.Fatalf("%d to %q after consent: %s", a.status, a.location, &v.r.log)
	}
}

// cookie is what the browser holds under a name; "" for nothing.
func (v *visitor) cookie(name string) string {
	u, err := url.Parse(v.r.url)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range v.c.Jar.Cookies(u) {
		if c.Name == v.r.app.cookieName(name) {
			return c.Value
		}
	}
	return ""
}

// set puts a cookie into the browser, as a neighbour on the same host could.
func (v *visitor) set(name, value string) {
	u, err := url.Parse(v.r.url)
	if err != nil {
		v.t.Fatal(err)
	}
	v.c.Jar.SetCookies(u, []*http.Cookie{{Name: v.r.app.cookieName(name), Value: value, Path: "/"}})
}
