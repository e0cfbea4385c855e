package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zohocrm/oauth"
)

func listChecks() []check {
	return []check{
		{name: "ListEmpty", run: func(f *fixture) { f.holds() }},
		{name: "ListStable", run: listStable},
		{name: "ListStopped", run: listStopped},
		{name: "ListCancelled", run: listCancelled},
		{name: "ListCallsInside", run: listCallsInside},
	}
}

func (f *fixture) saveMany(n int) []oauth.Token {
	f.Helper()
	var rows []oauth.Token
	for i := range n {
		rows = append(rows, f.save(filled(fmt.Sprintf("user%02d", i))))
	}
	return rows
}

// order is the IDs as List yields them.
func (f *fixture) order() []string {
	f.Helper()
	var ids []string
	for _, t := range f.list() {
		ids = append(ids, t.ID)
	}
	return ids
}

// listStable: neither reading nor an update of a row changes the order.
func listStable(f *fixture) {
	rows := f.saveMany(12)
	want := fmt.Sprint(f.order())
	for i, f := range f.again() {
		f.save(oauth.Token{ID: rows[3].ID, AccessToken: secret(fmt.Sprint("new", i))})
		for range 2 {
			if got := fmt.Sprint(f.order()); got != want {
				f.Errorf("List yields %s, then %s", want, got)
			}
		}
	}
	if err := f.s.Delete(f.ctx, f.order()[5], ""); err != nil {
		f.Fatal(err)
	}
	f.save(minimal("new"))
	if one, two := fmt.Sprint(f.order()), fmt.Sprint(f.order()); one != two {
		f.Errorf("List yields %s, then %s", one, two)
	}
}

// listStopped: a loop that is left early leaves nothing locked.
func listStopped(f *fixture) {
	rows := f.saveMany(5)
	for stop := range 5 {
		n := 0
		for _, err := range f.s.List(f.ctx) {
			if err != nil {
				f.Fatalf("List: %v", err)
			}
			if n++; n > stop {
				break
			}
		}
		if n != stop+1 {
			f.Errorf("List yielded %d rows before the loop was left, want %d", n, stop+1)
		}
		rows[stop] = f.save(oauth.Token{ID: rows[stop].ID, AccessToken: secret("new")})
	}
	f.holds(rows...)
	// A sequence can be walked again.
	seq := f.s.List(f.ctx)
	for range 2 {
		n := 0
		for range seq {
			n++
		}
		if n != 5 {
			f.Errorf("List yields %d rows when its sequence is walked again, want 5", n)
		}
	}
}

// listCancelled: a context that ends within the loop ends the loop, with its error.
func listCancelled(f *fixture) {
	f.saveMany(20)
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	rows := 0
	var last error
	for _, err := range f.s.List(ctx) {
		if last != nil {
			f.Fatal("List goes on after an error")
		}
		if last = err; err == nil {
			rows++
		}
		cancel()
	}
	f.fails(last, context.Canceled, "List after %d rows with a context cancelled in its loop", rows)
	f.saveMany(1)
}

// listCallsInside calls every other method inside the loop. A store that holds
// a lock or its only connection while it yields hangs here.
func listCallsInside(f *fixture) {
	f.saveMany(4)
	done := make(chan error, 1)
	go func() { done <- f.callInside() }()
	select {
	case err := <-done:
		if err != nil {
			f.Error(err)
		}
	case <-time.After(f.b.patience / 3):
		f.Fatal("a method that is called inside the loop over List hangs")
	}
	var users []string
	for _, t := range f.list() {
		users = append(users, t.UserName)
	}
	if len(users) != 1 {
		f.Errorf("after the loop the store holds %q, want one row", users)
	}
}

func (f *fixture) callInside() error {
	first := true
	for t, err := range f.s.List(f.ctx) {
		if err != nil {
			return fmt.Errorf("List: %w", err)
		}
		if t.UserName == "new" {
			continue // what is saved meanwhile may or may not be seen
		}
		found, err := f.s.Find(f.ctx, oauth.Token{UserName: t.UserName})
		if err != nil {
			return fmt.Errorf("Find inside List: %w", err)
		}
		if found.ID != t.ID || found.Version != t.Version {
			return errors.New("Find inside List: another row than List yields")
		}
		if _, err := f.s.Get(f.ctx, t.ID); err != nil {
			return fmt.Errorf("Get inside List: %w", err)
		}
		t.AccessToken = secret("inside")
		saved, err := f.s.Save(f.ctx, t)
		if err != nil {
			return fmt.Errorf("Save inside List: %w", err)
		}
		if all, err := oauth.All(f.ctx, f.s); err != nil || len(all) == 0 {
			return fmt.Errorf("List inside List: %d rows, %v", len(all), err)
		}
		if err := f.s.Delete(f.ctx, saved.ID, saved.Version); err != nil {
			return fmt.Errorf("Delete inside List: %w", err)
		}
		if !first {
			continue
		}
		first = false
		if _, err := f.s.Save(f.ctx, minimal("new")); err != nil {
			return fmt.Errorf("insert inside List: %w", err)
		}
	}
	for _, err := range f.s.List(f.ctx) {
		if err != nil {
			return fmt.Errorf("List: %w", err)
		}
		if err := f.s.DeleteAll(f.ctx); err != nil {
			return fmt.Errorf("DeleteAll inside List: %w", err)
		}
		if _, err := f.s.Save(f.ctx, minimal("last")); err != nil {
			return fmt.Errorf("insert inside List: %w", err)
		}
		break
	}
	return nil
}
