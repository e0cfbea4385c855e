package sealed_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/sealed"
)

// stateOf says of each row how it is sealed: "plain" or a key's ID.
func (r *rig) stateOf() map[string]int {
	r.Helper()
	c, err := r.Census(r.ctx)
	if err != nil || c.Broken > 0 {
		r.Fatal(c, err)
	}
	state := map[string]int{"plain": c.Plain}
	for id, n := range c.Keys {
		state[id.String()] = n
	}
	return state
}

// TestSealAll: plain to sealed, to another key, to plain: nothing that a reader
// sees changes but the Version and UpdatedAt.
func TestSealAll(t *testing.T) {
	for _, inner := range []string{"batch", "bare"} {
		r := newRig(t)
		if inner == "bare" {
			r.Store = seal(t, bare{r.inner}, sealed.Config{Keys: r.set})
		}
		const rows = 25
		for i := range rows {
			r.save(r.inner, user(fmt.Sprint("user", i)))
		}
		before, err := oauth.All(r.ctx, r.Store)
		if err != nil {
			t.Fatal(err)
		}
		step := func(mode sealed.Mode, changed, right int) {
			t.Helper()
			var told []sealed.Report
			report, err := sealed.SealAll(r.ctx, r.Store, sealed.SealAllConfig{Mode: mode, BatchSize: 10, Progress: func(p sealed.Report) { told = append(told, p) }})
			if err != nil || report != (sealed.Report{Rows: rows, Changed: changed, Right: right}) {
				t.Fatalf("%s: %+v, %v", inner, report, err)
			}
			if told[len(told)-1] != report || changed == rows && (len(told) < 3 || told[0].Changed != 10) {
				t.Errorf("%s: Progress was told %+v", inner, told)
			}
			after, err := oauth.All(r.ctx, r.Store)
			if err != nil || len(after) != rows {
				t.Fatal(len(after), err)
			}
			for i := range after {
				r.same(after[i], before[i])
				r.same(r.find(r.Store, oauth.Token{RefreshToken: before[i].RefreshToken}), before[i])
			}
		}
		old := r.set.Ring().Primary().ID().String()
		step(sealed.Reseal, 0, rows) // plain rows are not its business
		step(sealed.Seal, rows, 0)
		step(sealed.Seal, 0, rows)
		id := r.rotate().String()
		step(sealed.Reseal, rows, 0)
		if s := r.stateOf(); s[id] != rows || s[old] != 0 || s["plain"] != 0 {
			t.Errorf("after Reseal: %v", s)
		}
		r.rotate()
		step(sealed.Seal, rows, 0)
		step(sealed.Unseal, rows, 0)
		step(sealed.Unseal, 0, rows)
		if s := r.stateOf(); s["plain"] != rows {
			t.Errorf("after Unseal: %v", s)
		}
		plain, err := oauth.All(r.ctx, r.inner)
		if err != nil {
			t.Fatal(err)
		}
		for i := range plain {
			if plain[i].Row() != before[i].Row() {
				t.Errorf("%v is not what it was: %v", plain[i], before[i])
			}
		}
	}
}

// TestSealAllInterrupted: a run that was ended is finished by another one.
func TestSealAllInterrupted(t *testing.T) {
	r := newRig(t)
	const rows = 40
	for i := range rows {
		r.save(r.inner, user(fmt.Sprint("user", i)))
	}
	ctx, cancel := context.WithCancel(r.ctx)
	report, err := sealed.SealAll(ctx, r.Store, sealed.SealAllConfig{BatchSize: 10, Progress: func(p sealed.Report) {
		if p.Changed == 20 {
			cancel()
		}
	}})
	r.fails(err, context.Canceled)
	if report.Changed != 20 {
		t.Errorf("%+v", report)
	}
	report, err = sealed.SealAll(r.ctx, r.Store, sealed.SealAllConfig{BatchSize: 10})
	if err != nil || report.Changed != 20 || report.Right != 20 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestSealAllOthers: rows that are changed, deleted or sealed by somebody else
// between their reading and their writing.
func TestSealAllOthers(t *testing.T) {
	for _, batch := range []bool{true, false} {
		for _, size := range []int{1, 4, 100} {
			r := newRig(t)
			const rows = 30
			for i := range rows {
				r.save(r.inner, user(fmt.Sprint("user", i)))
			}
			inner := &between{Store: r.inner, n: 1, happy: func() {
				for i := range rows {
					name := fmt.Sprint("user", i)
					row := r.find(r.inner, oauth.Token{UserName: name})
					switch {
					case i%3 == 0:
						r.save(r.Store, oauth.Token{UserName: name, AccessToken: oauth.NewSecret("new")})
					case i%3 == 1 && i%2 == 0:
						if err := r.inner.Delete(r.ctx, row.ID, ""); err != nil {
							t.Error(err)
						}
					case i%5 == 0:
						r.save(r.inner, oauth.Token{UserName: name, AccessToken: oauth.NewSecret("new")})
					}
				}
			}}
			var store oauth.Store = inner
			if !batch {
				store = bare{inner}
			}
			s := seal(t, store, sealed.Config{Keys: r.set})
			report, err := sealed.SealAll(r.ctx, s, sealed.SealAllConfig{BatchSize: size})
			if err != nil || report.Failed > 0 || report.Changed+report.Right+report.Gone != report.Rows {
				t.Fatalf("%+v, %v", report, err)
			}
			census, err := s.Census(r.ctx)
			if err != nil || census.Plain > 0 || census.Rows != 25 {
				t.Errorf("%+v, %v", census, err)
			}
			for i := range rows {
				got, err := s.Find(r.ctx, oauth.Token{UserName: fmt.Sprint("user", i)})
				if err == nil && (got.AccessToken == oauth.NewSecret("new")) != (i%3 == 0 || i%5 == 0) {
					t.Errorf("user %d: another's access token was written over, or came from nowhere", i)
				}
			}
		}
	}
}

// TestSealAllRefused: what cannot be sealed, or unsealed, is named and does not stop
// the others.
func TestSealAllRefused(t *testing.T) {
	r := newRig(t)
	long := user("long")
	long.AccessToken = oauth.NewSecret(strings.Repeat("x", sealed.MaxSecret+1))
	r.save(r.inner, long)
	r.save(r.inner, user("alice"))
	report, err := sealed.SealAll(r.ctx, r.Store, sealed.SealAllConfig{})
	var refused *oauth.ValueError
	if !errors.As(err, &refused) || refused.Column != "access_token" || !strings.Contains(err.Error(), `user "long"`) {
		t.Errorf("got %v", err)
	}
	if report != (sealed.Report{Rows: 2, Changed: 1, Failed: 1}) {
		t.Errorf("%+v", report)
	}
	// No Save empties a column, so such rows stay sealed.
	r = newRig(t)
	r.save(r.Store, oauth.Token{UserName: "no secret", RefreshToken: oauth.NewSecret("r"), APIDomain: "https://www.zohoapis.com"})
	r.save(r.Store, oauth.Token{UserName: "no domain", RefreshToken: oauth.NewSecret("r2"), ClientSecret: oauth.NewSecret("cs")})
	r.save(r.Store, user("alice"))
	report, err = sealed.SealAll(r.ctx, r.Store, sealed.SealAllConfig{Mode: sealed.Unseal})
	if err != nil || report != (sealed.Report{Rows: 3, Changed: 1, Left: 2}) {
		t.Errorf("%+v, %v", report, err)
	}
	r.find(r.Store, oauth.Token{UserName: "no secret"})
	r.find(r.Store, oauth.Token{UserName: "no domain"})
}

// TestRotationInUse: keys are rotated, rows sealed anew and old keys retired while
// eight goroutines, of two programs, read and write. Nobody meets an error but a
// conflict, and no update is lost.
func TestRotationInUse(t *testing.T) {
	for _, where := range []string{"memory", "file", "database"} {
		t.Run(where, func(t *testing.T) {
			r := newRig(t)
			var inner oauth.Store = memory.New(memory.Config{})
			switch where {
			case "file":
				inner = openFile(t, place(t, "tokens.csv")).inner
			case "database":
				inner = openDB(t, databasePlace(t)).inner
			}
			const workers, rounds = 8, 4
			programs := []*sealed.Store{seal(t, inner, sealed.Config{Keys: r.keys()}), seal(t, inner, sealed.Config{Keys: r.keys()})}
			for i := range workers {
				r.save(programs[0], user(fmt.Sprint("user", i)))
			}
			var stop atomic.Bool
			var counts [workers]int
			var wg sync.WaitGroup
			for i := range workers {
				wg.Go(func() {
					for !stop.Load() && !t.Failed() {
						if err := renew(r.ctx, programs[i%2], fmt.Sprint("user", i), counts[i]); err == nil {
							counts[i]++
						} else if !errors.Is(err, oauth.ErrConflict) {
							t.Errorf("user %d: %v", i, err)
						}
					}
				})
			}
			set := r.keys()
			s := seal(t, inner, sealed.Config{Keys: set})
			for range rounds {
				old := set.Look().Primary().ID()
				r.rotate()
				// A program that had not noticed yet may seal with the old key once more.
				for n := 1; n > 0 && !t.Failed(); {
					if _, err := sealed.SealAll(r.ctx, s, sealed.SealAllConfig{Mode: sealed.Reseal, BatchSize: 3}); err != nil {
						t.Error(err)
					}
					var err error
					if n, err = s.InUse(r.ctx, old); err != nil {
						t.Error(err)
					}
				}
			}
			stop.Store(true)
			wg.Wait()
			for i, n := range counts {
				if got := r.find(s, oauth.Token{UserName: fmt.Sprint("user", i)}); n > 0 && got.AccessToken != access(n-1) {
					t.Errorf("user %d: the last of %d updates is lost", i, n)
				}
			}
		})
	}
}

func access(n int) oauth.Secret { return oauth.NewSecret(fmt.Sprint("1000.access.", n)) }

// renew is a refresh: it reads by each key, and saves by Version.
func renew(ctx context.Context, s oauth.Store, name string, n int) error {
	want := user(name)
	for _, partial := range []oauth.Token{{UserName: name}, {RefreshToken: want.RefreshToken}} {
		row, err := s.Find(ctx, partial)
		if err != nil {
			return err
		}
		if row.RefreshToken != want.RefreshToken || row.ClientSecret != want.ClientSecret || n > 0 && row.AccessToken != access(n-1) {
			return errors.New("the row is not as it was saved")
		}
		if partial.UserName != "" {
			continue
		}
		row.AccessToken = access(n)
		_, err = s.Save(ctx, row)
		return err
	}
	return nil
}
