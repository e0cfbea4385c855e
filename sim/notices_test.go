package sim

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// Close cuts short what hangs and stops what waits, and leaves nothing running.
func TestNoticesEnd(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	entered := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees a client leave
		close(entered)
		<-r.Context().Done()
	}))
	defer web.Close()
	s := New(Config{})
	s.notices.post(web.URL, []byte("{}"))
	s.notices.later(time.Hour, func() { t.Error("a timer outlived Close") })
	<-entered
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s.notices.post(web.URL, nil) // after Close nothing starts any more
	s.notices.later(0, func() { t.Error("started after Close") })
	s.notices.later(time.Millisecond, func() { t.Error("started after Close") })
}

// A job is finished by its timer when nobody asks.
func TestJobTimer(t *testing.T) {
	done := make(chan struct{})
	s := New(Config{})
	defer s.Close()
	s.notices.later(time.Millisecond, func() { close(done) })
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("the timer did not fire")
	}
}

func TestVaultIsBounded(t *testing.T) {
	v := newVault()
	if _, err := slurp(strings.NewReader("12345"), 4); !errors.Is(err, errTooBig) {
		t.Errorf("five bytes of four: %v", err)
	}
	v.used = vaultMax - 3
	if err := v.put("a", []byte("1234")); !errors.Is(err, errFull) {
		t.Errorf("over the bound: %v", err)
	}
	if err := v.put("a", []byte("123")); err != nil {
		t.Errorf("up to the bound: %v", err)
	}
	if err := v.put("a", []byte("12")); err != nil || v.used != vaultMax-1 {
		t.Errorf("in its place: %v, %d", err, v.used)
	}
	if !v.drop("a") || v.drop("a") || v.used != vaultMax-3 {
		t.Errorf("dropped: %d", v.used)
	}
}

func TestDevicesAreBounded(t *testing.T) {
	var d devices
	now := time.Now()
	for i := range maxDevices + 2 {
		life := time.Minute
		if i == 5 {
			life = -time.Minute
		}
		d.add(now, &device{expiry: now.Add(life)})
	}
	if len(d.list) != maxDevices {
		t.Errorf("%d devices", len(d.list))
	}
}

func TestFollow(t *testing.T) {
	answer := []byte(`{"data":[{"id":"7","n":12345678901234567890,"o":{}}]}`)
	for path, want := range map[string]string{
		"$.data[0].id": "7", "$.data[0].n": "12345678901234567890", "$['data'][0]['id']": "7",
		"$.data[1].id": "-", "$.data.id": "-", "$.data[0].o": "-", "$.data[0].id.x": "-", "$": "-",
	} {
		got, ok := follow(answer, path)
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
