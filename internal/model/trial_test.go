package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

// user is whom every trial is about.
const user = "alice"

// trial drives several Keepers over one store and one simulator through a schedule
// that is drawn at random, and notes what the guarantees need to know.
type trial struct {
	*rapid.T
	sim      *sim.Server
	home     dc.DataCenter
	store    *memory.Store
	stations []*station
	others   *oauth.Keeper // a program that is never stopped

	over, gone bool // at some time there was no consent, no row
	dead       bool // there is no consent now
	calm       bool // nobody is stopped any more

	saving sync.Mutex // a Save, and what is noted of it, are one step

	mu      sync.Mutex
	log     []string
	wrong   string
	excused int             // mints beyond the first that are not the protocol's fault
	used    map[string]bool // versions whose credential was replaced
}

// TestKeepersKeepTheGuarantees: the code, in schedules and faults drawn at random,
// against the guarantees of the model. Time is that of testing/synctest: a step ends
// when everybody waits, for the trial, for a lease, or for good.
func TestKeepersKeepTheGuarantees(t *testing.T) {
	home, err := dc.Custom("http://127.0.0.1:1", "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 { // of a hundred schedules each, unless -rapid.checks says otherwise
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { inTrial(t, rt, home) })
		})
	}
}

// inTrial makes one trial in a bubble of testing/synctest.
func inTrial(t *testing.T, rt *rapid.T, home dc.DataCenter) {
	var broke any // rapid fails by a panic, which has to leave the bubble
	synctest.Test(t, func(*testing.T) {
		none := sim.NoLimits()
		tr := &trial{T: rt, home: home, sim: sim.New(sim.Config{Limits: &none, Records: -1}), store: memory.New(memory.Config{}), used: map[string]bool{}}
		defer tr.sim.Close()
		defer func() { broke = recover() }()
		tr.others = tr.keep(tr.store, direct{tr.sim})
		defer tr.close()
		tr.run()
	})
	if broke != nil {
		panic(broke)
	}
}

func (t *trial) note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log = append(t.log, fmt.Sprintf(format, args...))
}

func (t *trial) breaks(guarantee, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wrong == "" {
		t.wrong = guarantee + ": " + fmt.Sprintf(format, args...)
	}
}

// excuse allows one mint more.
func (t *trial) excuse(why string) {
	t.note("(%s)", why)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.excused++
}

// sends checks what must hold when a request leaves: it is the only one under a
// lease that lasts, and its mint is reserved.
func (t *trial) sends(s *station) {
	t.mu.Lock()
	lease, now, others := s.lease, time.Now(), 0
	for _, o := range t.stations {
		if o != s && o.at == atAnswered && o.lease.Key == lease.Key && o.leased && now.Before(o.lease.Until) {
			others++
		}
	}
	t.mu.Unlock()
	if others > 0 && now.Before(lease.Until) {
		t.breaks(g1, "%v sends while %d others wait for an answer", s, others)
	}
	all, err := t.store.Standings(context.Background(), lease.Key)
	if err != nil {
		t.breaks(g6, "Standings: %v", err)
	}
	reserved := slices.ContainsFunc(all[lease.Key].Mints, lease.Now.Equal)
	if !reserved && lease.Now.Add(zohoWindow).After(now) {
		t.breaks(g6, "%v sends, and of its mint at %v there stands %s", s, lease.Now, all[lease.Key].Text())
	}
}

// saved checks what must hold of a row that was replaced.
func (t *trial) saved(before, after, wanted oauth.Token) {
	if after.AccessToken == before.AccessToken {
		return
	}
	if wanted.Version != before.Version {
		t.breaks(g2, "a Save on version %.6s replaced version %.6s", wanted.Version, before.Version)
	}
	t.mu.Lock()
	again := t.used[before.Version]
	t.used[before.Version] = true
	t.mu.Unlock()
	if again {
		t.breaks(g2, "version %.6s was replaced twice", before.Version)
	}
	if after.RefreshToken == before.RefreshToken && after.Expiry.Before(before.Expiry) {
		t.breaks(g4, "a token that ends at %v was replaced by one that ends at %v", before.Expiry, after.Expiry)
	}
}

// call asks a process for a token.
func (t *trial) call(s *station) {
	s.busy = true
	go func() {
		token, err := s.keeper.Token(context.Background(), oauth.Token{UserName: user})
		t.note("%v gets %v %v", s, token, err)
		t.mu.Lock()
		over, gone, dead := t.over, t.gone, s.dead
		s.busy = false
		t.mu.Unlock()
		switch {
		case dead:
		case err == nil && !token.Valid(time.Now(), time.Second):
			t.breaks(g7, "%v was given a token that is over", s)
		case errors.Is(err, oauth.ErrReauthRequired) && !over:
			t.breaks(g5, "%v was told %v", s, err)
		case errors.Is(err, oauth.ErrNotFound) && !gone:
			t.breaks(g7, "%v was told %v", s, err)
		}
	}()
}

// step is one thing that can happen next, and how often more it may happen.
type step struct {
	name string
	left int
	do   func()
}

// steps are what the processes can do now.
func (t *trial) steps() map[string]func() {
	can := map[string]func(){"a second passes": func() { t.passes(time.Second) }}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.stations {
		switch {
		case s.dead:
		case s.at != nowhere:
			can[fmt.Sprintf("%v, which %s, goes on", s, s.at)] = func() { s.resume <- nil }
		case !s.busy:
			can[fmt.Sprintf("%v is called", s)] = func() { t.call(s) }
		}
	}
	return can
}

// faulty are the faults that are left.
func faulty(faults []*step) map[string]func() {
	can := map[string]func(){}
	for _, f := range faults {
		if f.left > 0 {
			can[f.name] = func() { f.left--; f.do() }
		}
	}
	return can
}

// stopped picks a process that is stopped in one of these places.
func (t *trial) stopped(at ...stop) *station {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []*station
	for _, s := range t.stations {
		if slices.Contains(at, s.at) && !s.dead {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(t.T, "process")]
}

// fails makes a process that is stopped in one of these places fail there.
func (t *trial) fails(err error, at ...stop) func() {
	return func() {
		if s := t.stopped(at...); s != nil {
			t.note("%v, which %s, fails: %v", s, s.at, err)
			s.resume <- err
		}
	}
}

// passes lets time pass. A lease that ends while its holder is at work excuses a
// mint.
func (t *trial) passes(d time.Duration) {
	for ; d > 0; d -= time.Second {
		from := time.Now()
		for _, s := range t.stations {
			t.mu.Lock()
			ends := s.expires(from, from.Add(time.Second))
			t.mu.Unlock()
			if ends {
				t.excuse(fmt.Sprintf("the lease of %v ends while it %s", s, s.at))
			}
		}
		time.Sleep(time.Second)
		synctest.Wait()
	}
}

func (t *trial) kill() {
	s := t.stopped(atLeased, atSend, atAnswered, atSave)
	if s == nil {
		return
	}
	t.note("%v is killed where it %s", s, s.at)
	t.mu.Lock()
	s.dead = true
	t.mu.Unlock()
	s.resume <- errDead
}

// faults are what may go wrong, and what other programs and people do.
func (t *trial) faults() []*step {
	background := context.Background()
	return []*step{
		{"a process is killed", 1, t.kill},
		{"Zoho cannot be reached", 2, t.fails(errors.New("no route to host"), atSend)},
		{"an answer is lost", 2, t.fails(errors.New("connection reset by peer"), atAnswered)},
		{"the store is away", 2, t.fails(oauth.ErrStoreUnavailable, atSave)},
		{"time passes, and leases end", 3, func() { t.passes(oauth.DefaultLease + time.Second) }},
		{"an SDK refreshes", 1, func() {
			row, err := t.store.Find(background, oauth.Token{UserName: user})
			if err != nil {
				return
			}
			row.AccountsURL = t.home.AccountsURL
			accounts := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(t.home), HTTPClient: &http.Client{Transport: direct{t.sim}}})
			if issued, err := accounts.Refresh(background, row); err == nil {
				t.excuse("an SDK made a token")
				if _, err := t.store.Save(background, oauth.Token{ID: row.ID, AccessToken: issued.AccessToken, Expiry: issued.Expiry}); err != nil {
					t.Fatalf("the SDK's Save: %v", err)
				}
			}
		}},
		{"the user logs in again", 1, t.login},
		{"the user withdraws consent", 1, func() {
			t.ends(false)
			t.sim.RevokeUser(user + "@example.com")
		}},
		{"a program revokes the user", 1, func() {
			t.ends(true)
			if err := t.others.Revoke(background, oauth.Token{UserName: user}); err != nil && !errors.Is(err, oauth.ErrNotFound) {
				t.Fatalf("Revoke: %v", err)
			}
		}},
	}
}

// ends notes that there is no consent from now on, and perhaps no row.
func (t *trial) ends(gone bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over, t.gone, t.dead = true, t.gone || gone, true
}

func (t *trial) login() {
	code, err := t.sim.Grant(sim.GrantRequest{User: user})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = t.others.Connect(context.Background(), oauth.Login{Token: oauth.Token{
		UserName: user, ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(code),
	}}); err != nil {
		t.Fatalf("login: %v", err)
	}
	t.dead = false
}

// run draws a schedule and follows it, and then lets everybody come to an end.
func (t *trial) run() {
	t.login()
	time.Sleep(2 * time.Hour) // the token is over
	for range rapid.IntRange(2, 4).Draw(t.T, "processes") {
		t.station()
	}
	faults := t.faults()
	for range rapid.IntRange(5, 80).Draw(t.T, "steps") {
		can := t.steps()
		if left := faulty(faults); len(left) > 0 && rapid.IntRange(0, 5).Draw(t.T, "fault") == 0 {
			can = left
		}
		names := slices.Sorted(maps.Keys(can))
		name := rapid.SampledFrom(names).Draw(t.T, "step")
		t.note("%s", name)
		can[name]()
		synctest.Wait()
		t.check()
	}
	t.release()
	t.passes(2 * oauth.DefaultLease)
	t.check()
	t.afterwards()
}

// check fails the trial if a guarantee did not hold.
func (t *trial) check() {
	t.mu.Lock()
	wrong, allowed, log := t.wrong, int64(1+t.excused), strings.Join(t.log, "\n\t")
	t.mu.Unlock()
	if made := t.sim.Counters().Refreshes; wrong == "" && made > allowed {
		wrong = fmt.Sprintf("%s: %d mints, and %d are excused", g3, made, allowed)
	}
	if wrong != "" {
		t.Fatalf("%s, after:\n\t%s", wrong, log)
	}
}

// afterwards: who begins now obtains a token, unless there is none to be had.
func (t *trial) afterwards() {
	k := t.keep(t.store, direct{t.sim})
	defer k.Close()
	for range 80 {
		token, err := k.Token(context.Background(), oauth.Token{UserName: user})
		switch {
		case err == nil && t.dead && !token.Valid(time.Now(), time.Minute), err == nil && !t.dead && !token.Valid(time.Now(), time.Second):
			t.breaks(g7, "%v is over", token)
		case err == nil:
		case t.dead && (errors.Is(err, oauth.ErrReauthRequired) || errors.Is(err, oauth.ErrNotFound)):
		default:
			t.note("afterwards: %v", err)
			t.passes(15 * time.Second)
			continue
		}
		t.check()
		return
	}
	t.breaks(g7, "in twenty minutes nobody could obtain a token")
	t.check()
}

// released: nobody is stopped any more.
func (t *trial) released() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calm
}

// release lets everybody go on to their end.
func (t *trial) release() {
	t.mu.Lock()
	t.calm = true
	t.mu.Unlock()
	synctest.Wait()
	for _, s := range t.stations {
		t.mu.Lock()
		stopped := s.at != nowhere
		t.mu.Unlock()
		if stopped {
			s.resume <- nil
		}
	}
	synctest.Wait()
}

// close ends everything, whatever has happened.
func (t *trial) close() {
	t.release()
	for _, s := range t.stations {
		s.keeper.Close() // who was killed has a token that was never saved
	}
	t.others.Close()
}
