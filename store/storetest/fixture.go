package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

// patience bounds one check. A store that has not answered by then hangs.
const patience = 60 * time.Second

// fixture is one check's store and the test it reports to.
type fixture struct {
	testing.TB
	b      Backend
	ctx    context.Context
	opened oauth.Store // as Open gave it: what Reopen, Plant and Corrupt take
	raw    oauth.Store // this handle: opened, or one that Reopen gave
	s      oauth.Store // raw, with its errors searched for secrets
}

func newFixture(t testing.TB, b Backend) *fixture {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), b.patience)
	t.Cleanup(cancel)
	s := b.Open(t)
	return (&fixture{TB: t, b: b, ctx: ctx, opened: s}).with(s)
}

// with is the same fixture around another store or handle.
func (f *fixture) with(raw oauth.Store) *fixture {
	f.Helper()
	if raw == nil {
		f.Fatal("storetest: Backend gave a nil store")
	}
	g := *f
	g.raw, g.s = raw, guard{raw, f.TB}
	return &g
}

// reopened is a second handle onto the same data.
func (f *fixture) reopened() *fixture {
	f.Helper()
	return f.with(f.b.Reopen(f.TB, f.opened))
}

// again is every way to see the data: this handle, and a second one if there
// can be one.
func (f *fixture) again() []*fixture {
	f.Helper()
	if f.b.Reopen == nil {
		return []*fixture{f}
	}
	return []*fixture{f, f.reopened()}
}

// save must work.
func (f *fixture) save(t oauth.Token) oauth.Token {
	f.Helper()
	saved, err := f.s.Save(f.ctx, t)
	if err != nil {
		f.Fatalf("Save(%v): %v", t, err)
	}
	if saved.ID == "" || saved.Version == "" {
		f.Fatalf("Save(%v) returned ID %q and Version %q: neither may be empty", t, saved.ID, saved.Version)
	}
	return saved
}

// get must find the row.
func (f *fixture) get(id string) oauth.Token {
	f.Helper()
	t, err := f.s.Get(f.ctx, id)
	if err != nil {
		f.Fatalf("Get(%q): %v", id, err)
	}
	return t
}

// finds wants exactly this row for partial.
func (f *fixture) finds(partial, want oauth.Token) {
	f.Helper()
	got, err := f.s.Find(f.ctx, partial)
	if err != nil {
		f.Errorf("Find(%v): %v; want id %q", partial, err, want.ID)
		return
	}
	f.same(got, want, fmt.Sprintf("Find(%v)", partial))
}

// findsNot wants Find to fail in this way.
func (f *fixture) findsNot(partial oauth.Token, want error) {
	f.Helper()
	got, err := f.s.Find(f.ctx, partial)
	f.fails(err, want, "Find(%v) = %v", partial, got)
}

// savesNot wants Save to fail in this way and to leave every row as it is.
func (f *fixture) savesNot(t oauth.Token, want error) {
	f.Helper()
	before := f.list()
	got, err := f.s.Save(f.ctx, t)
	f.fails(err, want, "Save(%v) = %v", t, got)
	f.holds(before...)
}

// fails wants err to be want.
func (f *fixture) fails(err, want error, format string, args ...any) {
	f.Helper()
	switch {
	case err == nil:
		f.Errorf("%s without an error; want %q", fmt.Sprintf(format, args...), want)
	case !errors.Is(err, want):
		f.Errorf("%s: %v; want %q", fmt.Sprintf(format, args...), err, want)
	}
}

// list must work.
func (f *fixture) list() []oauth.Token {
	f.Helper()
	all, err := oauth.All(f.ctx, f.s)
	if err != nil {
		f.Fatalf("List: %v", err)
	}
	return all
}

// holds wants exactly these rows in the store, in whichever order.
func (f *fixture) holds(want ...oauth.Token) {
	f.Helper()
	got := f.list()
	byID := make(map[string]oauth.Token, len(got))
	for _, t := range got {
		if _, twice := byID[t.ID]; twice {
			f.Errorf("List yields id %q twice", t.ID)
		}
		byID[t.ID] = t
	}
	if len(got) != len(want) {
		f.Errorf("the store holds %d rows, want %d", len(got), len(want))
	}
	for _, w := range want {
		g, ok := byID[w.ID]
		if !ok {
			f.Errorf("id %q of user %q is not in the store", w.ID, w.UserName)
			continue
		}
		f.same(g, w, "List")
	}
}

// same wants the ten columns and the Version of both to be equal.
func (f *fixture) same(got, want oauth.Token, what string) {
	f.Helper()
	f.columns(got, want, what)
	if got.Version != want.Version {
		f.Errorf("%s: id %q: Version %q, want %q", what, got.ID, got.Version, want.Version)
	}
}

// columns wants the ten columns of both to be equal.
func (f *fixture) columns(got, want oauth.Token, what string) {
	f.Helper()
	if diff := columnDiff(got, want); diff != "" {
		f.Errorf("%s: id %q: %s", what, want.ID, diff)
	}
}

// columnDiff says which of the ten columns differ; empty: none.
func columnDiff(got, want oauth.Token) string {
	g, w := got.Row().Values(), want.Row().Values()
	var diff []string
	for i, name := range oauth.Columns() {
		if g[i] != w[i] {
			diff = append(diff, fmt.Sprintf("%s is %s, want %s", name, show(name, g[i]), show(name, w[i])))
		}
	}
	return strings.Join(diff, "; ")
}

// show is a column's value as it may be printed.
func show(column, value string) string {
	if value != "" && (column == "client_secret" || strings.HasSuffix(column, "_token")) {
		return oauth.NewSecret(value).Fingerprint()
	}
	return fmt.Sprintf("%q", value)
}
