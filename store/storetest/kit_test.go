package storetest

import (
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"zohocrm/oauth"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Here the model is meant to fail: leave no files of that, and do not look
	// for the shortest way for long.
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "100ms"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
	os.Exit(0) // not reached: VerifyTestMain exits
}

// TestSound: a store that keeps every rule passes.
func TestSound(t *testing.T) {
	Run(t, backend(sound()))
}

// TestFaults: a store that breaks one rule fails in the checks of that rule.
func TestFaults(t *testing.T) {
	caught := map[string]bool{}
	for _, fault := range faults() {
		for _, name := range fault.fails {
			caught[name] = true
		}
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			b := fault.backend(t)
			for _, name := range fault.fails {
				if !notices(t, checkNamed(t, name), b) {
					t.Errorf("check %s does not notice", name)
				}
			}
		})
	}
	for _, fault := range processFaults() {
		for _, name := range fault.fails {
			caught[name] = true
		}
	}
	for _, c := range checks() {
		if !caught[c.name] {
			t.Errorf("no fault shows that check %s can fail", c.name)
		}
	}
}

// notices reports whether the check fails. The model tries as much as fits into
// its time, so on a busy machine it may need to be asked again.
func notices(t *testing.T, c check, b Backend) bool {
	t.Helper()
	for range 10 {
		if record(t, c, b).Failed() {
			return true
		}
		if c.name != "LikeModel" {
			break
		}
	}
	return false
}

func checkNamed(t *testing.T, name string) check {
	t.Helper()
	all := checks()
	i := slices.IndexFunc(all, func(c check) bool { return c.name == name })
	if i < 0 {
		t.Fatalf("there is no check %q", name)
	}
	return all[i]
}

// TestNothingClaimed: what a Backend does not offer is skipped, and said so.
func TestNothingClaimed(t *testing.T) {
	r := sound()
	r.check = checkRow(0)
	b := Backend{Open: backend(r).Open, patience: patience}
	skipped := 0
	for _, c := range checks() {
		r := record(t, c, b)
		if r.Failed() {
			t.Errorf("%s: %s", c.name, r.text())
		}
		if r.skipped != "" {
			skipped++
		}
	}
	if want := 18; skipped != want {
		t.Errorf("%d checks were skipped, want %d", skipped, want)
	}
}

// TestNoCoordinator: what a store without leases lacks is skipped, and said so.
func TestNoCoordinator(t *testing.T) {
	b := backend(sound())
	open := b.Open
	b.Open = func(t testing.TB) oauth.Store { return struct{ oauth.Store }{open(t)} }
	for _, c := range leaseChecks() {
		b.Location, b.OpenAt = func(testing.TB) string { return "" }, func(context.Context, string) (oauth.Store, error) { return nil, nil }
		r := record(t, c, b)
		if r.Failed() || !strings.Contains(r.skipped, "no oauth.Coordinator") {
			t.Errorf("%s: skipped with %q, failed with %q", c.name, r.skipped, r.text())
		}
	}
}
