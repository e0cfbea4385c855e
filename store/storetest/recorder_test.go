package storetest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// recorder is a testing.TB that remembers failures in place of failing, so that
// a check can be seen to fail. Cleanup, TempDir and Context are the test's own.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
	skipped  string
}

// record runs one check and answers what it complained about.
func record(t *testing.T, c check, b Backend) *recorder {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() { // of its own, since FailNow and SkipNow end the goroutine
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.add(fmt.Sprint("panic: ", p))
			}
		}()
		c.on(r, b)
	}()
	<-done
	return r
}

func (r *recorder) add(failure string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, failure)
}

func (r *recorder) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.failures, "\n")
}

func (r *recorder) Failed() bool { return r.text() != "" }

func (r *recorder) Fail()                        { r.add("failed") }
func (r *recorder) Error(args ...any)            { r.add(fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, args ...any) { r.add(fmt.Sprintf(f, args...)) }
func (r *recorder) Fatal(args ...any)            { r.Error(args...); r.FailNow() }
func (r *recorder) Fatalf(f string, args ...any) { r.Errorf(f, args...); r.FailNow() }
func (r *recorder) FailNow()                     { r.Fail(); runtime.Goexit() }
func (r *recorder) Skip(args ...any)             { r.skipped = fmt.Sprint(args...); runtime.Goexit() }
func (r *recorder) Skipf(f string, args ...any)  { r.Skip(fmt.Sprintf(f, args...)) }
func (r *recorder) SkipNow()                     { r.Skip("skipped") }
func (r *recorder) Log(...any)                   {}
func (r *recorder) Logf(string, ...any)          {}
