package dc_test

import (
	"errors"
	"fmt"
	"net/url"
	"testing"

	"zohocrm/dc"
)

func Example() {
	d, env, ok := dc.Zoho().ByAPIDomain("https://sandbox.zohoapis.eu")
	fmt.Println(d.Location, env, ok)
	fmt.Println(d.AccountsURL)
	// Output:
	// eu sandbox true
	// https://accounts.zoho.eu
}

// The table of interop.md section 8, written down a second time on purpose.
func TestSDKTable(t *testing.T) {
	table := []struct{ loc, tld, accounts, upload string }{
		{"us", "com", "accounts.zoho.com", "content.zohoapis.com"},
		{"eu", "eu", "accounts.zoho.eu", "content.zohoapis.eu"},
		{"in", "in", "accounts.zoho.in", "content.zohoapis.in"},
		{"cn", "com.cn", "accounts.zoho.com.cn", "content.zohoapis.com.cn"},
		{"au", "com.au", "accounts.zoho.com.au", "content.zohoapis.com.au"},
		{"jp", "jp", "accounts.zoho.jp", "content.zohoapis.jp"},
		{"ca", "ca", "accounts.zohocloud.ca", "upload.zohocloud.ca"},
		{"sa", "sa", "accounts.zoho.sa", "files.zoho.sa"},
		{"uk", "uk", "accounts.zoho.uk", ""},
		{"ae", "ae", "accounts.zoho.ae", ""},
	}
	dir := dc.Zoho()
	if got := len(dir.All()); got != len(table) {
		t.Fatalf("directory has %d entries, want %d", got, len(table))
	}
	for _, row := range table {
		d, ok := dir.ByLocation(row.loc)
		if !ok {
			t.Errorf("no data centre %q", row.loc)
			continue
		}
		for env, word := range map[dc.Environment]string{dc.Production: "www", dc.Sandbox: "sandbox", dc.Developer: "developer"} {
			want := "https://" + word + ".zohoapis." + row.tld
			if got := d.APIURL(env); got != want {
				t.Errorf("%s %s: APIURL = %q, want %q", row.loc, env, got, want)
			}
			back, e, ok := dir.ByAPIDomain(want)
			if !ok || back.Location != row.loc || e != env {
				t.Errorf("ByAPIDomain(%q) = %s %s %v", want, back.Location, e, ok)
			}
		}
		if d.AccountsURL != "https://"+row.accounts {
			t.Errorf("%s: accounts = %q", row.loc, d.AccountsURL)
		}
		if row.upload != "" && d.UploadURL != "https://"+row.upload {
			t.Errorf("%s: upload = %q", row.loc, d.UploadURL)
		}
		for _, u := range []string{d.AccountsURL, d.AccountsURL + "/", d.AccountsURL + "/oauth/v2/token"} {
			if back, ok := dir.ByAccountsURL(u); !ok || back.Location != row.loc {
				t.Errorf("ByAccountsURL(%q) = %s %v", u, back.Location, ok)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	custom, err := dc.Custom("http://127.0.0.1:8800/eu", "http://127.0.0.1:8801")
	if err != nil {
		t.Fatal(err)
	}
	dir := dc.Zoho().With(custom)
	for raw, trusted := range map[string]bool{
		"https://accounts.zoho.com/oauth/v2/token":     true,
		"https://ACCOUNTS.zoho.com:443/oauth/v2/token": true,
		"https://www.zohoapis.com.au/crm/v8/Leads":     true,
		"https://upload.zohocloud.ca/crm/v8/upload":    true,
		"http://127.0.0.1:8800/eu/oauth/v2/token":      true,
		"http://127.0.0.1:8801/crm/v8/Leads":           true,
		"http://accounts.zoho.com/oauth/v2/token":      false, // not encrypted
		"https://accounts.zoho.com:8443/oauth":         false,
		"https://accounts.zoho.com.evil.example/":      false,
		"https://evil.example/accounts.zoho.com":       false,
		"https://user@accounts.zoho.com/":              false,
		"https://zoho.com/":                            false,
		"http://127.0.0.1:8800/oauth/v2/token":         false, // outside the prefix
		"http://127.0.0.1:8800/europe":                 false,
		"http://127.0.0.1:9999/":                       false,
		"ftp://accounts.zoho.com/":                     false,
		"http://127.0.0.1:8800/eu/../cn":               false,
		"http://127.0.0.1:8800/eu/%2e%2e/cn":           false,
		"http://127.0.0.1:8800/eu/a..b/c":              true,
		"https:accounts.zoho.com":                      false, // opaque
		"//accounts.zoho.com/":                         false,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		err = dir.Check(u)
		if (err == nil) != trusted {
			t.Errorf("Check(%q) = %v, want trusted=%v", raw, err, trusted)
		}
		if err != nil && !errors.Is(err, dc.ErrUntrusted) {
			t.Errorf("Check(%q): %v does not wrap ErrUntrusted", raw, err)
		}
	}
	for _, odd := range []*url.URL{
		{Scheme: "https", Host: "accounts.zoho.com/x"}, {Scheme: "https://accounts.zoho.com/?", Host: "evil.example"},
		{Scheme: "https", Host: "accounts.zoho.com", Opaque: "//evil.example/"}, {Host: "accounts.zoho.com"},
	} {
		if err := dir.Check(odd); !errors.Is(err, dc.ErrUntrusted) {
			t.Errorf("Check(%#v) = %v", odd, err)
		}
	}
	if err := dir.Check(nil); err == nil {
		t.Error("Check(nil) trusted")
	}
	if err := (dc.Directory{}).Check(&url.URL{Scheme: "https", Host: "accounts.zoho.com"}); err == nil {
		t.Error("the zero directory trusts a host")
	}
}

func TestCustom(t *testing.T) {
	for raw, ok := range map[string]bool{
		"http://localhost:8800": true, "http://[::1]:8800/": true, "https://gateway.example/zoho/": true,
		"http://gateway.example": false, "gateway.example": false, "": false, "https://u:p@gateway.example": false,
		"https://gateway.example?x=1": false, "http://localhost.evil.example": false, "javascript:alert(1)": false,
	} {
		if _, err := dc.Custom(raw, ""); (err == nil) != ok {
			t.Errorf("Custom(%q): %v, want ok=%v", raw, err, ok)
		}
	}
	c, err := dc.Custom("HTTPS://Gateway.Example:443/zoho/", "")
	if err != nil || c.AccountsURL != "https://gateway.example/zoho" || c.APIURL(dc.Sandbox) != c.AccountsURL {
		t.Errorf("canonical form: %+v, %v", c, err)
	}
	if _, err := dc.Custom("https://gateway.example", "http://gateway.example"); err == nil {
		t.Error("plain http api URL accepted")
	}
	if got := c.APIURL(dc.Environment(7)); got != "" {
		t.Errorf("APIURL of an unknown environment = %q", got)
	}
}

func TestEnvironmentWords(t *testing.T) {
	for _, e := range []dc.Environment{dc.Production, dc.Sandbox, dc.Developer} {
		if got, ok := dc.ParseEnvironment(e.String()); !ok || got != e {
			t.Errorf("ParseEnvironment(%q) = %v, %v", e, got, ok)
		}
	}
	if _, ok := dc.ParseEnvironment("staging"); ok {
		t.Error("an unknown word was accepted")
	}
}
