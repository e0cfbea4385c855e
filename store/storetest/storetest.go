// Package storetest is the conformance kit for [oauth.Store]: one call proves
// every sentence of the contract for a store, be it ours or yours.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Backend{
//			Open: func(t testing.TB) oauth.Store { return mystore.New(t.TempDir()) },
//		})
//	}
//
// Each check is a subtest that begins with an empty store, so a failure can be
// repeated alone with -run. A check that needs something the [Backend] does not
// offer is skipped and says what is missing; so are those of leases, whose names
// begin with Lease, for a store that is no [oauth.Coordinator]. Every secret that
// the kit stores carries a mark, and every error of the store is searched for that
// mark: an error text that tells a token fails whatever check meets it.
//
// The last check compares random sequences of calls with a model that was
// written from the words on oauth.Store alone and shares no code with them.
package storetest

import (
	"context"
	"os"
	"testing"
	"time"

	"zohocrm/oauth"
)

// Backend says how the kit reaches a store, and what the store claims beyond the
// contract's minimum. Open, or Location with OpenAt, is needed; every other
// field may stay empty and then asks nothing.
type Backend struct {
	// Open gives a new, empty store on every call; t.Cleanup closes it. It is
	// called from parallel subtests. The store's clock must be a running one.
	// Nil: a store opened by OpenAt at a new Location.
	Open func(t testing.TB) oauth.Store

	// Reopen gives a second handle onto the data of a store that Open gave, as
	// another program would have it; both are used side by side. t.Cleanup
	// closes it. Nil: the data live in one handle only, unless Open is nil too.
	Reopen func(t testing.TB, s oauth.Store) oauth.Store

	// Location names a place where no store is yet: a path, a URL. It is handed
	// to other processes, which call OpenAt with it. t.Cleanup clears it away.
	Location func(t testing.TB) string

	// OpenAt opens the store at a location and makes it if it is not there. With
	// it, eight copies of the test binary open one location at the same moment
	// and write to it. A store that is an io.Closer is closed. In those copies
	// the test that calls Run is run again, and Run does the copy's work in place
	// of the checks. Nil: not meant to be shared by processes.
	OpenAt func(ctx context.Context, location string) (oauth.Store, error)

	// Plant adds rows as an official SDK or a hand would have written them, past
	// Save and its rules: rows with the same user, the same ID or no ID. Empty
	// values are written in whichever way the store's other writers do. It
	// reports false, and adds nothing, when such rows cannot exist in the store.
	// Nil: nobody else ever writes there.
	Plant func(t testing.TB, s oauth.Store, rows []oauth.Row) bool

	// Corrupt damages what is stored, so that at least the row with this ID
	// cannot be read as a token any more, and returns a function that gives the
	// stored data as they are, by which the kit sees that nothing was overwritten.
	// Nil: the stored data cannot be damaged.
	Corrupt func(t testing.TB, s oauth.Store, id string) (stored func() string)

	// MaxChars is the greatest number of characters, 100 or more, that the text
	// columns hold; one more is refused. 0: 255 or more, as the SDKs' columns.
	MaxChars int

	// KeepsIDs says that a Save with an ID that no row has, a decimal number of
	// at most nine digits, inserts under that ID.
	KeepsIDs bool

	runner   string        // name of the test that called Run, which workers run
	patience time.Duration // see patience; set by the kit's own tests
}

// Run checks the store as parallel subtests of t, which therefore cannot use
// t.Setenv or t.Chdir.
func Run(t *testing.T, b Backend) {
	t.Helper()
	if w, ok := workerOf(os.Getenv); ok {
		w.work(t, b)
		return
	}
	b = b.complete(t)
	b.runner, b.patience = t.Name(), patience
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.on(t, b)
		})
	}
}

// complete fills Open and Reopen from Location and OpenAt.
func (b Backend) complete(t testing.TB) Backend {
	t.Helper()
	if b.Open != nil {
		return b
	}
	if b.Location == nil || b.OpenAt == nil {
		t.Fatal("storetest: Backend needs Open, or Location and OpenAt")
	}
	at := newPlaces()
	b.Open = func(t testing.TB) oauth.Store {
		t.Helper()
		location := b.Location(t)
		return at.remember(openAt(t, b, location), location)
	}
	if b.Reopen == nil {
		b.Reopen = func(t testing.TB, s oauth.Store) oauth.Store {
			t.Helper()
			return openAt(t, b, at.of(s))
		}
	}
	return b
}

// check proves a few sentences of the contract on one store.
type check struct {
	name  string
	run   func(f *fixture)
	needs func(b Backend) string // what is missing; nil: nothing is needed
}

// on runs the check. t may be a recorder, see kit_test.go.
func (c check) on(t testing.TB, b Backend) {
	t.Helper()
	if c.needs != nil {
		if missing := c.needs(b); missing != "" {
			t.Skip("storetest: not checked, Backend has no " + missing)
		}
	}
	c.run(newFixture(t, b))
}

func needsReopen(b Backend) string { return missing(b.Reopen == nil, "Reopen") }
func needsPlant(b Backend) string  { return missing(b.Plant == nil, "Plant") }

func missing(is bool, name string) string {
	if is {
		return name
	}
	return ""
}

// checks lists all of them, topic by topic.
func checks() []check {
	var all []check
	for _, topic := range [][]check{
		findChecks(), matchChecks(), saveChecks(), nameChecks(), versionChecks(), idChecks(),
		deleteChecks(), listChecks(), valueChecks(), sideChecks(), contextChecks(),
		concurrentChecks(), batchChecks(), plantChecks(), corruptChecks(), processChecks(), leaseChecks(), modelChecks(),
	} {
		all = append(all, topic...)
	}
	return all
}
