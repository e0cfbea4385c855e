package crm_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
	"zohocrm/sim"
)

func post(h http.Handler, target, body string) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", target, strings.NewReader(body)))
	return w.Code
}

func TestNotifyHandler(t *testing.T) {
	var got []crm.Notification
	var log bytes.Buffer
	fail := error(nil)
	h, err := crm.NewNotifyHandler(crm.NotifyConfig{
		Token: func(channel string) oauth.Secret {
			if channel == "1000000068001" {
				return oauth.NewSecret("open sesame")
			}
			return oauth.Secret{}
		},
		Handle: func(_ context.Context, n crm.Notification) error { got = append(got, n); return fail },
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	const good = `{"server_time":1583142654000,"query_params":{},"module":"Leads","resource_uri":"https://www.zohoapis.com/crm/v8/Leads","ids":["411"],` +
		`"affected_fields":[{"411":["Company","Phone"]}],"operation":"update","channel_id":1000000068001,"token":"open sesame"}`
	if code := post(h, "/", good); code != 200 || len(got) != 1 {
		t.Fatalf("%d, %+v", code, got)
	}
	n := got[0]
	if n.ChannelID != "1000000068001" || n.Module != "Leads" || n.Operation != "update" || n.IDs[0] != "411" ||
		!n.Time.Equal(time.UnixMilli(1583142654000)) || strings.Join(n.Fields["411"], ",") != "Company,Phone" || strings.Contains(n.Record.String(), "sesame") {
		t.Errorf("%+v", n)
	}
	for body, want := range map[string]int{
		strings.Replace(good, "open sesame", "open barley", 1):     403,
		strings.Replace(good, "1000000068001", "1000000068002", 1): 403,
		strings.Replace(good, `"token":"open sesame"`, `"x":1`, 1): 403,
		`{"channel_id":"7","token":""}`:                            403,
		`{"channel_id":"7"}`:                                       403,
		`{}`:                                                       403,
		`[]`:                                                       400,
		`{"a":`:                                                    400,
		strings.Repeat("x", 2<<20):                                 413,
	} {
		if code := post(h, "/", body); code != want {
			t.Errorf("%.40s: %d, want %d", body, code, want)
		}
	}
	if len(got) != 1 {
		t.Errorf("%d notifications were handled", len(got))
	}
	fail = errors.New("no room")
	if code := post(h, "/", good); code != 500 {
		t.Errorf("a failure is answered with %d", code)
	}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil)); w.Code != 405 {
		t.Errorf("GET: %d", w.Code)
	}
	if said := log.String(); strings.Contains(said, "sesame") || strings.Contains(said, "barley") || !strings.Contains(said, "no room") {
		t.Error(said)
	}
	if _, err := crm.NewNotifyHandler(crm.NotifyConfig{}); err == nil {
		t.Error("a handler without a token was made")
	}
}

func TestBulkCallback(t *testing.T) {
	var got []crm.BulkNotice
	h, err := crm.NewBulkCallback(crm.BulkCallbackConfig{
		Key:    oauth.NewSecret("k e y"),
		Handle: func(_ context.Context, n crm.BulkNotice) error { got = append(got, n); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{
		`{"job_id":"77","operation":"read","state":"COMPLETED"}`,
		`{"data":[{"id":"77","operation":"read","state":"COMPLETED"}]}`,
		`{"data":[{"status":"success","details":{"id":"77","operation":"read","state":"COMPLETED"}}]}`,
		`{"id":77,"operation":"read","status":"COMPLETED"}`,
	} {
		if code := post(h, "/cb?key=k+e+y", body); code != 200 {
			t.Errorf("%s: %d", body, code)
		}
	}
	for _, n := range got {
		if n.JobID != "77" || n.State != "COMPLETED" || n.Operation != "read" {
			t.Errorf("%+v", n)
		}
	}
	for target, want := range map[string]int{"/cb": 403, "/cb?key=": 403, "/cb?key=k": 403, "/cb?key=k+e+y": 400} {
		if code := post(h, target, `{"job_id":"../1"}`); code != want {
			t.Errorf("%s: %d, want %d", target, code, want)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d notices", len(got))
	}
	if _, err := crm.NewBulkCallback(crm.BulkCallbackConfig{}); err == nil {
		t.Error("a callback without a key was made")
	}
}

// TestZohoTells: the simulator posts what happened to our handlers.
func TestZohoTells(t *testing.T) {
	notified, done := make(chan crm.Notification, 10), make(chan crm.BulkNotice, 10)
	token := oauth.NewSecret("t")
	notify, err := crm.NewNotifyHandler(crm.NotifyConfig{
		Token:  func(string) oauth.Secret { return token },
		Handle: func(_ context.Context, n crm.Notification) error { notified <- n; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	callback, err := crm.NewBulkCallback(crm.BulkCallbackConfig{
		Key: token, Handle: func(_ context.Context, n crm.BulkNotice) error { done <- n; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/notify", notify)
	mux.Handle("/bulk", callback)
	here := httptest.NewServer(mux)
	defer here.Close()

	c, server := newFullSim(t, sim.Config{Records: 5, BulkTime: -1})
	ctx := t.Context()
	watch := crm.Watch{ChannelID: "1", Events: []string{"Leads.all"}, NotifyURL: here.URL + "/notify", Token: token, Expiry: time.Now().Add(time.Hour)}
	if _, err := c.Notifications.Enable(ctx, watch); err != nil {
		t.Fatal(err)
	}
	id := insertOne(t, c, "Leads", lead{LastName: "Bach"})
	if n := <-notified; n.Module != "Leads" || len(n.IDs) != 1 || n.IDs[0] != id || n.ChannelID != "1" {
		t.Errorf("%+v", n)
	}
	job, err := c.Bulk.StartRead(ctx, crm.ReadQuery{Module: "Leads", CallbackURL: here.URL + "/bulk?key=t"})
	if err != nil {
		t.Fatal(err)
	}
	if n := <-done; n.JobID != job.ID || n.State != "COMPLETED" {
		t.Errorf("%+v (%d posted)", n, server.Counters().Notified)
	}
}

func TestKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // guards what the test and the goroutine of Keep share
		var asked []string
		begin := time.Now()
		const fine = `{"watch":[{"code":"SUCCESS","status":"success","details":{}}]}`
		reply := func(*http.Request) string { return fine }
		set := func(f func(*http.Request) string) { mu.Lock(); defer mu.Unlock(); reply = f }
		c := carried(t, crm.Config{Retries: -1}, func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, r.Method+" "+time.Since(begin).Round(time.Minute).String())
			return answer(200, reply(r)), nil
		})
		watch := crm.Watch{ChannelID: "1", Events: []string{"Leads.all"}, NotifyURL: "https://example.org/x", Token: oauth.NewSecret("t")}
		ctx, cancel := context.WithCancel(t.Context())
		var until time.Time
		var failed []error
		ended := make(chan error, 1)
		go func() {
			ended <- c.Notifications.Keep(ctx, crm.RenewalConfig{
				Watches: []crm.Watch{watch}, Life: 24 * time.Hour,
				Renewed: func(u time.Time) { mu.Lock(); defer mu.Unlock(); until = u },
				Failed:  func(err error) { mu.Lock(); defer mu.Unlock(); failed = append(failed, err) },
			})
		}()
		time.Sleep(13 * time.Hour)
		mu.Lock()
		if want := begin.Add(36 * time.Hour); !until.Equal(want) {
			t.Errorf("until %v, want %v", until, want)
		}
		mu.Unlock()
		// The watch is gone when it is renewed at 24 h: it is enabled again.
		set(func(r *http.Request) string {
			if r.Method == "PATCH" {
				return `{"watch":[{"code":"NOT_SUBSCRIBED","status":"error","message":"x","details":{}}]}`
			}
			return fine
		})
		time.Sleep(12 * time.Hour)
		// Zoho is away at 36 h: a minute later, and two minutes after that.
		set(func(*http.Request) string { return "<html>" })
		time.Sleep(11*time.Hour + 2*time.Minute)
		set(func(*http.Request) string { return fine })
		time.Sleep(3 * time.Minute)
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		want := "POST 0s,PATCH 12h0m0s,PATCH 24h0m0s,POST 24h0m0s,PATCH 36h0m0s,POST 36h1m0s,POST 36h3m0s"
		if got := strings.Join(asked, ","); got != want || len(failed) != 2 {
			t.Errorf("asked %s\nwant  %s\nfailures %v", got, want, failed)
		}

		// What no waiting helps ends it.
		if err := c.Notifications.Keep(t.Context(), crm.RenewalConfig{Watches: []crm.Watch{{}}}); err == nil {
			t.Error("a wrong watch is kept")
		}
		if err := c.Notifications.Keep(t.Context(), crm.RenewalConfig{}); err == nil {
			t.Error("nothing is kept")
		}
		set(func(*http.Request) string { return `{"code":"OAUTH_SCOPE_MISMATCH","status":"error"}` })
		if err := c.Notifications.Keep(t.Context(), crm.RenewalConfig{Watches: []crm.Watch{watch}}); !errors.Is(err, crm.ErrScope) {
			t.Errorf("a missing scope: %v", err)
		}
	})
}
