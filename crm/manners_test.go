package crm_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
	"zohocrm/sim"
)

// carrier answers calls without a network, so that time can be simulated.
type carrier func(*http.Request) (*http.Response, error)

func (f carrier) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {jsonType}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}

func carried(t testing.TB, cfg crm.Config, f carrier) *crm.Client {
	cfg.Source = oauth.StaticSource(oauth.Token{AccessToken: oauth.NewSecret("1000.x"), APIDomain: "https://www.zohoapis.eu", Scope: "ZohoCRM.modules.READ,ZohoCRM.settings.ALL"})
	cfg.HTTPClient = &http.Client{Transport: f}
	return newClient(t, cfg)
}

const (
	busy     = `{"code":"TOO_MANY_REQUESTS","details":{},"message":"too many requests","status":"error"}`
	internal = `{"code":"INTERNAL_ERROR","details":{},"message":"oops","status":"error"}`
	myOrg    = `{"org":[{"id":"1","zgid":"7"}]}`
)

// TestReadsAreRepeated: with growing waits, and no longer than is told.
func TestReadsAreRepeated(t *testing.T) {
	for name, test := range map[string]struct {
		answers    []*http.Response // nil: the connection breaks
		want       error
		least, end time.Duration // waited
	}{
		"once":            {[]*http.Response{answer(500, internal), answer(200, myOrg)}, nil, 100 * time.Millisecond, 260 * time.Millisecond},
		"broken, 502":     {[]*http.Response{nil, answer(502, "<html>"), answer(200, myOrg)}, nil, 300 * time.Millisecond, 760 * time.Millisecond},
		"three times":     {[]*http.Response{answer(500, internal), answer(500, internal), answer(500, internal)}, crm.ErrUnavailable, 300 * time.Millisecond, 760 * time.Millisecond},
		"too many":        {[]*http.Response{answer(429, busy), answer(200, myOrg)}, nil, time.Second, 1100 * time.Millisecond},
		"told to wait":    {[]*http.Response{answer(429, busy, "Retry-After", "20"), answer(200, myOrg)}, nil, 20 * time.Second, 21 * time.Second},
		"told too long":   {[]*http.Response{answer(429, busy, "Retry-After", "90")}, crm.ErrConcurrency, 0, 0},
		"credits":         {[]*http.Response{answer(429, busy, "X-API-CREDITS-REMAINING", "0")}, crm.ErrCredits, 0, 0},
		"a minute's rate": {[]*http.Response{answer(429, `{"code":"RATE_LIMIT_EXCEEDED","status":"error"}`)}, crm.ErrRate, 0, 0},
		"refused":         {[]*http.Response{answer(403, `{"code":"NO_PERMISSION","status":"error"}`)}, crm.ErrPermission, 0, 0},
		"not JSON":        {[]*http.Response{answer(200, `{"org":`)}, crm.ErrProtocol, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				c := carried(t, crm.Config{}, func(*http.Request) (*http.Response, error) {
					calls++
					if calls > len(test.answers) {
						return nil, errors.New("one call too many")
					}
					if a := test.answers[calls-1]; a != nil {
						return a, nil
					}
					return nil, io.ErrUnexpectedEOF
				})
				begin := time.Now()
				_, err := c.Org.Get(t.Context())
				waited := time.Since(begin)
				if !errors.Is(err, test.want) || calls != len(test.answers) || waited < test.least || waited > test.end {
					t.Errorf("%v after %d calls and %v", err, calls, waited)
				}
				var e *crm.Error
				if errors.Is(err, crm.ErrThrottled) && (!errors.As(err, &e) || e.Wait < time.Second || !strings.Contains(err.Error(), "throttled by Zoho")) {
					t.Errorf("no time to wait in %v", err)
				}
			})
		})
	}
}

// TestWritesAreNeverRepeated, whatever became of them; and nor is Do.
func TestWritesAreNeverRepeated(t *testing.T) {
	for _, status := range []int{429, 500, 502, 0} {
		calls := 0
		c := carried(t, crm.Config{RetryWait: time.Nanosecond}, func(*http.Request) (*http.Response, error) {
			calls++
			if status == 0 {
				return nil, io.ErrUnexpectedEOF
			}
			return answer(status, internal), nil
		})
		ctx := t.Context()
		_, inserted := c.Records.Insert(ctx, "Leads", lead{LastName: "x"}, nil)
		_, updated := c.Records.Update(ctx, "Leads", lead{ID: "1"}, nil)
		_, upserted := c.Records.Upsert(ctx, "Leads", lead{LastName: "x"}, nil)
		_, deleted := c.Records.Delete(ctx, "Leads", []string{"1"}, nil)
		_, started := c.Bulk.StartRead(ctx, crm.ReadQuery{Module: "Leads"})
		_, done := c.Do(ctx, crm.Request{Path: "/crm/v8/org"}, nil)
		for i, err := range []error{inserted, updated, upserted, deleted, started, done} {
			if err == nil {
				t.Errorf("%d: no error", i)
			}
		}
		if calls != 6 {
			t.Errorf("status %d: %d calls for 6", status, calls)
		}
		if advice := strings.Contains(inserted.Error(), "Upsert, or an external ID"); advice != errors.Is(inserted, crm.ErrUnavailable) {
			t.Errorf("advice: %v", inserted)
		}
	}
}

func TestARepeatIsGivenUpWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := carried(t, crm.Config{RetryWait: time.Hour}, func(*http.Request) (*http.Response, error) { return answer(500, internal), nil })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Org.Get(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, crm.ErrUnavailable) {
			t.Errorf("%v", err)
		}
	})
}

func TestCredits(t *testing.T) {
	left := "3"
	status, body := 200, myOrg
	c := carried(t, crm.Config{Retries: -1}, func(*http.Request) (*http.Response, error) {
		if left == "" {
			return answer(status, body), nil
		}
		return answer(status, body, "X-API-CREDITS-REMAINING", left), nil
	})
	ctx := t.Context()
	if got := c.Credits(); got.Remaining != -1 {
		t.Errorf("before any answer: %+v", got)
	}
	if _, err := c.Org.Get(ctx); err != nil || c.Credits().Remaining != 3 || c.Credits().At.IsZero() {
		t.Errorf("%+v, %v", c.Credits(), err)
	}
	// Three are enough for a read, and not for a bulk job.
	left, status, body = "", 429, busy
	if _, err := c.Org.Get(ctx); !errors.Is(err, crm.ErrConcurrency) || errors.Is(err, crm.ErrCredits) {
		t.Errorf("a read: %v", err)
	}
	if _, err := c.Bulk.StartRead(ctx, crm.ReadQuery{Module: "Leads"}); !errors.Is(err, crm.ErrCredits) || !errors.Is(err, crm.ErrThrottled) {
		t.Errorf("a bulk read: %v", err)
	}
}

// TestSpentCredits: the simulator's organisation has none left.
func TestSpentCredits(t *testing.T) {
	limits := sim.NoLimits()
	limits.Editions = map[string]sim.EditionLimits{}
	for _, edition := range []string{"Free", "Standard", "Professional", "Enterprise", "Ultimate"} {
		limits.Editions[edition] = sim.EditionLimits{Credits: 10, Concurrency: 10}
	}
	c, _ := newFullSim(t, sim.Config{Records: 5, Limits: &limits})
	var err error
	for range 20 {
		if _, err = c.Records.ListPage(t.Context(), "Leads", &crm.ListOptions{Fields: []string{"id"}}); err != nil {
			break
		}
	}
	var e *crm.Error
	if !errors.Is(err, crm.ErrCredits) || !errors.As(err, &e) || e.Wait < time.Minute {
		t.Errorf("%v", err)
	}
}

func TestMissingScopeIsNamed(t *testing.T) {
	const mismatch = `{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"invalid oauth scope to access this URL","status":"error"}`
	c := carried(t, crm.Config{}, func(*http.Request) (*http.Response, error) { return answer(401, mismatch), nil })
	ctx := t.Context()
	for want, call := range map[string]func() error{
		"ZohoCRM.org.READ": func() error { _, err := c.Org.Get(ctx); return err },
		"ZohoSearch.securesearch.READ": func() error {
			_, err := c.Records.SearchPage(ctx, "Leads", &crm.SearchOptions{Email: "x"})
			return err
		},
		"ZohoCRM.modules.Leads.CREATE": func() error { _, err := c.Records.Insert(ctx, "Leads", lead{}, nil); return err },
		"ZohoCRM.modules.Leads.CREATE, ZohoCRM.modules.Leads.UPDATE": func() error {
			_, err := c.Records.Upsert(ctx, "Leads", lead{}, nil)
			return err
		},
		"ZohoCRM.coql.READ":            func() error { _, err := c.Query.Run(ctx, "select id from Leads"); return err },
		"ZohoCRM.bulk.CREATE":          func() error { _, err := c.Bulk.StartRead(ctx, crm.ReadQuery{Module: "Leads"}); return err },
		"ZohoCRM.settings.tags.READ":   func() error { _, err := c.Tags.List(ctx, "Leads"); return err }, // granted, it seems: all are named
		"ZohoCRM.notifications.DELETE": func() error { _, err := c.Notifications.Disable(ctx, "1"); return err },
		"ZohoCRM.composite_requests.CUSTOM": func() error {
			_, err := c.Composite.Run(ctx, []crm.SubRequest{{Path: "/crm/v8/org"}}, nil)
			return err
		},
		"ZohoCRM.files.READ": func() error { _, err := c.Files.Download(ctx, "1", io.Discard); return err },
	} {
		err := call()
		var e *crm.Error
		if !errors.Is(err, crm.ErrScope) || !errors.As(err, &e) || strings.Join(e.Scopes, ", ") != want || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("want %s: %v", want, err)
		}
	}
}

// TestLimiter: no more calls at once than the edition allows, and fewer heavy ones.
func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most, heavyNow, heavyMost atomic.Int64
		track := func(now, most *atomic.Int64) func() {
			n := now.Add(1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			return func() { now.Add(-1) }
		}
		limiter := crm.NewLimiter(crm.LimiterConfig{Edition: crm.Free, Heavy: 2})
		transport := carrier(func(r *http.Request) (*http.Response, error) {
			defer track(&now, &most)()
			if strings.HasSuffix(r.URL.Path, "/coql") {
				defer track(&heavyNow, &heavyMost)()
			}
			time.Sleep(time.Second)
			return answer(200, `{"org":[{"id":"1"}],"data":[]}`), nil
		})
		clients := []*crm.Client{carried(t, crm.Config{Limiter: limiter}, transport), carried(t, crm.Config{Limiter: limiter}, transport)}
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				var err error
				if c := clients[i%2]; i%4 < 2 {
					_, err = c.Query.Run(t.Context(), "select id from Leads")
				} else {
					_, err = c.Org.Get(t.Context())
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most.Load() != 5 || heavyMost.Load() != 2 {
			t.Errorf("%d calls at once, %d of them heavy", most.Load(), heavyMost.Load())
		}

		// Who waits for a place goes with the context.
		for range 5 {
			all.Go(func() { clients[0].Org.Get(t.Context()) })
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := clients[0].Query.Run(ctx, "select id from Leads"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting: %v", err)
		}
		all.Wait()
		if _, err := clients[0].Query.Run(t.Context(), "select id from Leads"); err != nil {
			t.Errorf("a place was lost: %v", err)
		}
	})
}

func TestEditions(t *testing.T) {
	for edition, want := range map[crm.Edition]int{crm.Free: 5, crm.Standard: 10, crm.Professional: 15, crm.Enterprise: 20, crm.Ultimate: 25, "": 10, "?": 10} {
		synctest.Test(t, func(t *testing.T) {
			var now atomic.Int64
			leave := make(chan struct{})
			c := carried(t, crm.Config{Limiter: crm.NewLimiter(crm.LimiterConfig{Edition: edition})}, func(*http.Request) (*http.Response, error) {
				now.Add(1)
				<-leave
				return answer(200, myOrg), nil
			})
			var all sync.WaitGroup
			for range 30 {
				all.Go(func() { c.Org.Get(t.Context()) })
			}
			synctest.Wait()
			if int(now.Load()) != want {
				t.Errorf("%q: %d calls at once", edition, now.Load())
			}
			close(leave)
			all.Wait()
		})
	}
}

// TestManyRecords: 100,000 by page token, and then the error that says how to go on.
func TestManyRecords(t *testing.T) {
	page := `{"data":[` + strings.TrimSuffix(strings.Repeat(`{"id":"4150868000000225013","Last_Name":"`+strings.Repeat("x", 500)+`"},`, 200), ",") + `],"info":{"more_records":true,"next_page_token":"`
	calls := 0
	c := carried(t, crm.Config{Retries: -1}, func(r *http.Request) (*http.Response, error) {
		if calls++; calls > 500 {
			return answer(400, `{"code":"PAGINATION_LIMIT_EXCEEDED","status":"error","message":"x","details":{}}`), nil
		}
		return answer(200, page+strings.Repeat("t", calls)+`"}}`), nil
	})
	n := 0
	var last error
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := uint64(0)
	for _, err := range c.Records.List(t.Context(), "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}}) {
		if last = err; err == nil {
			n++
		}
		if n%5_000 == 0 {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
		}
	}
	if n != 100_000 || !errors.Is(last, crm.ErrLimit) || !strings.Contains(last.Error(), "after 100000 records") {
		t.Errorf("%d records, then %v", n, last)
	}
	if most > 64<<20 {
		t.Errorf("%d MB more than before", most>>20)
	}
	t.Logf("%d records, at most %d MB more than before", n, most>>20)
}
