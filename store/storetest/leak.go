package storetest

import (
	"bytes"
	"context"
	"regexp"
	"runtime/pprof"
	"strconv"
	"time"

	"zohocrm/oauth"
)

// noGoroutineLeft calls every method many times, loops left early and contexts
// that ended among them. Goroutines of a pool of connections may stay as long as
// the store is open; goroutines that grow with the calls are a leak.
//
// Other checks run at the same time, so only goroutines that descend from these
// calls are counted: they inherit a profiler label.
func noGoroutineLeft(f *fixture) {
	const rounds, allowed = 40, 8
	row := f.save(filled("alice"))
	f.save(filled("bob"))
	name := f.Name()
	pprof.Do(f.ctx, pprof.Labels("storetest", name), func(ctx context.Context) {
		f.manyCalls(ctx, row, 3)
		before := labelled(name)
		f.manyCalls(ctx, row, rounds)
		deadline := time.Now().Add(f.b.patience / 6)
		after := labelled(name)
		// What was stopped may need a moment to end.
		for after > before+allowed && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
			after = labelled(name)
		}
		if after > before+allowed {
			f.Errorf("%d rounds of calls left %d goroutines behind", rounds, after-before)
		}
	})
}

func (f *fixture) manyCalls(ctx context.Context, row oauth.Token, rounds int) {
	for range rounds {
		short, cancel := context.WithCancel(ctx)
		for range f.s.List(short) {
			break
		}
		if _, err := f.s.Save(short, oauth.Token{ID: row.ID, AccessToken: row.AccessToken}); err != nil {
			f.Errorf("Save: %v", err)
		}
		if _, err := f.s.Find(short, oauth.Token{UserName: "alice"}); err != nil {
			f.Errorf("Find: %v", err)
		}
		for range f.s.List(short) {
			cancel()
		}
		f.everyMethod(short, row)
		cancel()
	}
}

// labelled counts the goroutines that carry the label.
func labelled(name string) int {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return 0
	}
	group := regexp.MustCompile(`(?m)^(\d+) @.*\n# labels: \{.*"storetest":` + regexp.QuoteMeta(strconv.Quote(name)))
	count := 0
	for _, m := range group.FindAllSubmatch(profile.Bytes(), -1) {
		n, _ := strconv.Atoi(string(m[1]))
		count += n
	}
	return count
}
