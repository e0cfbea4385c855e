package keys_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"zohocrm/store/sealed/keys"
)

// follower is a Set of a wrapped file, and what becomes of it while the service
// that unwraps the file is down.
type follower struct {
	*keys.Set
	t       testing.TB
	file    string
	now     *clock
	service *wrapper
	log     bytes.Buffer
}

func newFollower(t testing.TB) *follower {
	t.Helper()
	f := &follower{t: t, now: newClock(), service: newWrapper(t)}
	f.file, _ = created(t, keys.Config{Wrap: f.service.AEAD})
	f.Set = open(t, f.file, keys.Config{Now: f.now.Now, Wrap: f.service, Logger: slog.New(slog.NewTextHandler(&f.log, nil))})
	f.service.calls = 0
	return f
}

// rotate is done elsewhere, where the service answers.
func (f *follower) rotate() keys.ID {
	f.t.Helper()
	id, err := keys.Rotate(f.t.Context(), f.file, keys.Config{Wrap: f.service.AEAD})
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

// asked wants the service to have been asked so often, and so many warnings.
func (f *follower) asked(calls, warnings int) {
	f.t.Helper()
	if f.service.calls != calls {
		f.t.Errorf("the service was asked %d times, want %d", f.service.calls, calls)
	}
	if n := strings.Count(f.log.String(), "cannot be read"); n != warnings {
		f.t.Errorf("it was told %d times, want %d: %s", n, warnings, &f.log)
	}
}

// TestServiceDownDuringARotation: a file that could not be read is tried again, once
// a second, until it can.
func TestServiceDownDuringARotation(t *testing.T) {
	f := newFollower(t)
	f.service.err = errors.New("the service is down")
	before, rotated := f.Ring(), f.rotate()
	f.now.pass(time.Second)
	for range 3 {
		for range 10 {
			if f.Look() != before || f.Ring() != before {
				t.Error("the keys from before are gone")
			}
		}
		f.now.pass(999 * time.Millisecond)
		f.Look()
		f.now.pass(time.Millisecond)
	}
	f.asked(3, 1)
	f.service.err = nil
	f.now.pass(time.Second)
	if got := f.Ring().Primary().ID(); got != rotated {
		t.Errorf("the primary is %d, want %d", got, rotated)
	}
	f.now.pass(time.Minute)
	f.Look()
	f.asked(4, 1)
}

// TestChangedWhileItCouldNotBeRead: another state of the file is read at once, and
// told of at once.
func TestChangedWhileItCouldNotBeRead(t *testing.T) {
	f := newFollower(t)
	f.service.err = errors.New("the service is down")
	for n := range 3 {
		f.rotate()
		f.Look()
		f.Look()
		f.asked(n+1, n+1)
	}
	f.service.err = nil
	rotated := f.rotate()
	if got := f.Look().Primary().ID(); got != rotated {
		t.Errorf("the primary is %d, want %d", got, rotated)
	}
}

// slow is a service that answers with an error after five seconds.
type slow struct {
	*wrapper
	now *clock
}

func (s slow) Decrypt(text, about []byte) ([]byte, error) {
	if s.err != nil {
		s.now.pass(5 * time.Second)
	}
	return s.wrapper.Decrypt(text, about)
}

// TestSlowServiceDown: of those who wait in line for a service that takes its time
// to fail, one has asked it for all.
func TestSlowServiceDown(t *testing.T) {
	f := newFollower(t)
	f.Set = open(t, f.file, keys.Config{Now: f.now.Now, Wrap: slow{f.service, f.now}})
	f.service.calls, f.service.err = 0, errors.New("the service is down")
	f.rotate()
	for range 10 {
		f.Look()
		f.Ring()
	}
	f.asked(1, 0)
}

// TestClockSetBack: a clock that is set back does not end the following.
func TestClockSetBack(t *testing.T) {
	f := newFollower(t)
	rotated := f.rotate()
	f.now.pass(-time.Hour)
	if got := f.Ring().Primary().ID(); got != rotated {
		t.Errorf("the primary is %d, want %d", got, rotated)
	}
}

// TestRemoved: a file that is gone is told of, also before it was ever looked at; put
// back, it is as before.
func TestRemoved(t *testing.T) {
	f := newFollower(t)
	away := f.file + ".away"
	for n := range 2 {
		before := f.Ring()
		if err := os.Rename(f.file, away); err != nil {
			t.Fatal(err)
		}
		f.Look()
		f.Look()
		f.asked(0, n+1)
		if err := os.Rename(away, f.file); err != nil {
			t.Fatal(err)
		}
		if f.Look() != before {
			t.Error("the keys from before are gone")
		}
		f.asked(0, n+1)
	}
}
