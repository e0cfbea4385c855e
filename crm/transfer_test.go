package crm_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
)

// TestUploadHost: a file for a bulk write goes to the upload host of the
// token's own data centre, and a token to no other.
func TestUploadHost(t *testing.T) {
	for domain, want := range map[string]string{
		"https://www.zohoapis.eu":     "https://content.zohoapis.eu/crm/v8/upload",
		"https://sandbox.zohoapis.in": "https://content.zohoapis.in/crm/v8/upload",
		"https://www.zohoapis.ca":     "https://upload.zohocloud.ca/crm/v8/upload",
		"https://www.zohoapis.uk":     "",
		"https://www.evil.example":    "",
	} {
		var uploads []string
		transport := carrier(func(r *http.Request) (*http.Response, error) {
			if r.Method == "GET" {
				return answer(200, myOrg), nil
			}
			form, err := io.ReadAll(r.Body)
			if err != nil || r.ContentLength != int64(len(form)) || !strings.Contains(string(form), "PK content") ||
				r.Header.Get("feature") != "bulk-write" || r.Header.Get("X-CRM-ORG") != "7" || r.Header.Get("Authorization") == "" {
				t.Errorf("%v, %v, %q", err, r.Header, form)
			}
			uploads = append(uploads, r.URL.String())
			return answer(200, `{"status":"success","code":"FILE_UPLOAD_SUCCESS","message":"file uploaded.","details":{"file_id":"111","created_time":"2026-01-01T00:00:00-00:00"}}`), nil
		})
		c := newClient(t, crm.Config{
			Source:     oauth.StaticSource(oauth.Token{AccessToken: oauth.NewSecret("1000.x"), APIDomain: domain}),
			HTTPClient: &http.Client{Transport: transport},
		})
		id, err := c.Bulk.Upload(t.Context(), crm.File{Name: "x.zip", Body: strings.NewReader("PK content")})
		if want == "" {
			if err == nil || len(uploads) != 0 || strings.Contains(domain, "evil") && !errors.Is(err, dc.ErrUntrusted) {
				t.Errorf("%s: %q, %v", domain, uploads, err)
			}
			continue
		}
		if err != nil || id != "111" || len(uploads) != 1 || uploads[0] != want {
			t.Errorf("%s: %q, %q, %v", domain, id, uploads, err)
		}
	}
}

// TestResultsOfOtherHosts: Zoho's answer may name any address; the token goes
// only to the data centre it belongs to, not even to another of Zoho's.
func TestResultsOfOtherHosts(t *testing.T) {
	var asked []string
	c := carried(t, crm.Config{}, func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.String())
		a := answer(200, "")
		a.Header.Set("Content-Type", "application/zip")
		a.Body = io.NopCloser(bytes.NewReader(zipOf(t, "1.csv", "Id\n1\n")))
		return a, nil
	})
	for address, ok := range map[string]bool{
		"https://www.zohoapis.eu/crm/bulk/v8/write/1/result": true, "/crm/bulk/v8/write/1/result": true, "https://content.zohoapis.eu/x?y=1": true,
		"https://www.zohoapis.com/x": false, "https://evil.example/x": false, "http://www.zohoapis.eu/x": false, "https://www.zohoapis.eu.evil.example/x": false,
		"https://user@www.zohoapis.eu/x": false, "//evil.example/x": false, "x": false,
	} {
		asked = nil
		result, err := c.Bulk.OpenWrite(t.Context(), &crm.WriteJob{DownloadURL: address})
		if ok != (err == nil) || ok != (len(asked) == 1) {
			t.Errorf("%s: %q, %v", address, asked, err)
		}
		if err == nil {
			result.Close()
		}
	}
}

// TestPagesAreNoFiles: a proxy's page or an error with status 200 is never
// written to the caller's file.
func TestPagesAreNoFiles(t *testing.T) {
	for name, test := range map[string]struct {
		header []string
		body   string
		want   error
	}{
		"page":      {[]string{"Content-Type", "text/html; charset=utf-8"}, "<html>", crm.ErrProtocol},
		"error":     {nil, `{"code":"NO_PERMISSION","status":"error","message":"no","details":{}}`, crm.ErrPermission},
		"json file": {[]string{"Content-Disposition", `attachment; filename="../../x.json"`}, `{"code":"NO_PERMISSION","status":"error"}`, nil},
		"html file": {[]string{"Content-Type", "text/html", "Content-Disposition", `attachment;filename*=UTF-8''b%C3%A4ch.html`}, "<html>", nil},
	} {
		c := carried(t, crm.Config{}, func(*http.Request) (*http.Response, error) { return answer(200, test.body, test.header...), nil })
		var file bytes.Buffer
		info, err := c.Files.Download(t.Context(), "1", &file)
		if !errors.Is(err, test.want) || (file.Len() > 0) != (test.want == nil) || strings.ContainsAny(info.Name, `/\`) {
			t.Errorf("%s: %+v, %q, %v", name, info, file.String(), err)
		}
		if test.want == nil && info.Size != int64(file.Len()) {
			t.Errorf("%s: %+v", name, info)
		}
	}
}

// TestFileLimits: MaxFile bounds what comes, and MaxBody does not.
func TestFileLimits(t *testing.T) {
	c := carried(t, crm.Config{MaxBody: 10, MaxFile: 1000}, func(r *http.Request) (*http.Response, error) {
		return answer(200, strings.Repeat("x", len(r.URL.Query().Get("id"))), "Content-Type", "application/x-download"), nil
	})
	if info, err := c.Files.Download(t.Context(), strings.Repeat("1", 1000), io.Discard); err != nil || info.Size != 1000 {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := c.Files.Download(t.Context(), strings.Repeat("1", 1001), io.Discard); !errors.Is(err, crm.ErrProtocol) {
		t.Errorf("%v", err)
	}
}

// TestAFileIsSentAgain with a fresh token if it can be, and else that is said.
func TestAFileIsSentAgain(t *testing.T) {
	var bodies []string
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(text))
		if !strings.HasSuffix(r.Header.Get("Authorization"), "1000.second") {
			says(401, jsonType, `{"code":"INVALID_TOKEN","status":"error","message":"x","details":{}}`)(w, r)
			return
		}
		says(200, jsonType, `{"data":[{"code":"SUCCESS","status":"success","message":"x","details":{"id":"1"}}]}`)(w, r)
	})
	c, _ := server.client(t, "1000.first", "1000.second")
	if _, err := c.Attachments.Upload(t.Context(), "Leads", "1", crm.File{Name: "a", Body: strings.NewReader("content")}); err != nil || len(bodies) != 2 || bodies[0] != bodies[1] {
		t.Errorf("%v, %q", err, bodies)
	}
	c, _ = server.client(t, "1000.first", "1000.second")
	_, err := c.Attachments.Upload(t.Context(), "Leads", "1", crm.File{Name: "a", Body: io.LimitReader(strings.NewReader("content"), 100)})
	if !errors.Is(err, crm.ErrInvalidToken) || !strings.Contains(err.Error(), "read only once") {
		t.Errorf("%v", err)
	}
}

type faulty struct{}

var errDisk = errors.New("disk on fire")

func (faulty) Read([]byte) (int, error) { return 0, errDisk }

func TestAReaderThatFails(t *testing.T) {
	server := newStub(t, says(200, jsonType, `{}`))
	c, _ := server.client(t)
	_, err := c.Attachments.Upload(t.Context(), "Leads", "1", crm.File{Name: "a", Body: faulty{}})
	if !errors.Is(err, errDisk) || errors.Is(err, crm.ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if _, err := c.Attachments.Upload(t.Context(), "Leads", "1", crm.File{Name: "a"}); err == nil {
		t.Error("no content was sent")
	}
}

func TestDates(t *testing.T) {
	at := time.Date(2026, 1, 31, 10, 20, 30, 987, time.FixedZone("", -5*3600))
	record, err := crm.NewRecord(map[string]any{"t": crm.DateTime{Time: at}, "d": crm.DateOf(at), "zt": crm.DateTime{}, "zd": crm.Date{}})
	if err != nil || record.String() != `{"d":"2026-01-31","t":"2026-01-31T10:20:30-05:00","zd":null,"zt":null}` {
		t.Errorf("%s, %v", record, err)
	}
	var back struct {
		T  crm.DateTime `json:"t"`
		D  crm.Date     `json:"d"`
		ZT crm.DateTime `json:"zt"`
		ZD crm.Date     `json:"zd"`
	}
	back.ZD.Day, back.ZT.Time = 3, at
	if err := record.Decode(&back); err != nil || !back.T.Equal(at.Truncate(time.Second)) || back.D != crm.DateOf(at) || !back.ZT.IsZero() || !back.ZD.IsZero() {
		t.Errorf("%+v, %v", back, err)
	}
	for _, text := range []string{`{"t":"yesterday"}`, `{"d":7}`, `{"d":{}}`} {
		if wrong, _ := crm.ParseRecord([]byte(text)); wrong.Decode(&back) == nil {
			t.Errorf("%s was read", text)
		}
	}
}
