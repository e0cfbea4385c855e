package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func (c config) mustSearch(t *testing.T) result {
	t.Helper()
	r, err := c.search(2_000_000)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The protocol as it is keeps every guarantee, whatever happens in whatever order.
// What the command searches with three processes takes the race detector too long
// where requests fail, so that is searched with two.
func TestGuaranteesHold(t *testing.T) {
	for _, s := range []size{{2, 1, 2}, {3, 1, 2}} {
		for _, c := range s.standard() {
			if s.processes > 2 && (c.budget.failures > 0 || c.budget.sdk > 0 || c.revoke) {
				continue
			}
			t.Run(fmt.Sprintf("%d/%s/%s", s.processes, c.name, c.server()), func(t *testing.T) {
				t.Parallel()
				r := c.mustSearch(t)
				if r.broken != "" {
					t.Errorf("%s, after: %s", r.broken, strings.Join(r.trace, "; "))
				}
				// Nobody waits longer than a lease where only leases stand in the way.
				if c.budget.failures == 0 && c.spent == 0 && !c.refused && r.longest > 20*time.Second {
					t.Errorf("somebody waits for %v", r.longest)
				}
				if r.states < 30 {
					t.Errorf("only %d states were reached", r.states)
				}
			})
		}
	}
}

// Each rule that is not the protocol's breaks the guarantee that it is there for.
func TestWrongRulesAreFoundOut(t *testing.T) {
	want := map[string]string{
		"a Save is bound to the lease, not to the version/Zoho":     g2,
		"a Save is bound to the lease, not to the version/rotating": g7,
		"a Save is bound to both/rotating":                          g7,
		"a Save is bound to nothing/Zoho":                           g2,
		"a failure counts after the lease has passed on/Zoho":       g6,
		"the row is not read again under the lease/Zoho":            g3,
		"the mint is not reserved/Zoho":                             g6,
		"nobody waits for who has the lease/Zoho":                   g1,
		"who comes late saves over what stands/Zoho":                g4,
		"a request without an answer counts as a refusal/Zoho":      g5,
	}
	seen := map[string]bool{}
	for _, c := range (size{3, 1, 2}).wrong() {
		name := c.name + "/" + c.server()
		r := c.mustSearch(t)
		if r.broken != want[name] || r.broken == "" {
			t.Errorf("%s: breaks %q, want %q", name, r.broken, want[name])
		}
		if len(r.trace) == 0 {
			t.Errorf("%s: no way to it is told", name)
		}
		seen[r.broken] = true
		delete(want, name)
	}
	for name := range want {
		t.Errorf("%s was not searched", name)
	}
	for _, g := range guarantees() {
		if !seen[g] {
			t.Errorf("nothing shows that %s can be seen to break", g)
		}
	}
}

// Two processes that do the same are the same, and so are numbers and moments that
// stand in the same order.
func TestStatesWithOneFuture(t *testing.T) {
	c := config{processes: 2, budget: budget{crashes: 1}}
	a, b := c.begin(), c.begin()
	for range 4 {
		c.step(a, 0)
		c.step(b, 1)
	}
	if c.encode(a) != c.encode(b) {
		t.Errorf("process 1 first is %s, process 2 first is %s", c.encode(a), c.encode(b))
	}
	b.now += time.Hour
	b.last += 7
	for i := range b.processes {
		b.processes[i].granted += time.Hour
		b.processes[i].until += time.Hour
	}
	s := &b.standings[0]
	s.Until = s.Until.Add(time.Hour)
	s.Mints = append(s.Mints[:0:0], s.Mints[0].Add(time.Hour))
	if c.encode(a) != c.encode(b) {
		t.Errorf("now is %s, in an hour is %s", c.encode(a), c.encode(b))
	}
	for range 2 {
		c.step(a, 0)
		c.step(b, 1)
	}
	if a.processes[0].sent == b.processes[1].sent || c.encode(a) != c.encode(b) {
		t.Errorf("request %d is %s, request %d is %s", a.processes[0].sent, c.encode(a), b.processes[1].sent, c.encode(b))
	}
	c.step(a, 1)
	if c.encode(a) == c.encode(b) {
		t.Error("a process that has read the row is as one that has not")
	}
}

// Leaving out what no step looks at loses nothing: states told apart by all that
// they hold give the same verdict.
func TestNothingThatMattersIsLeftOut(t *testing.T) {
	small := size{2, 1, 1}
	for _, c := range append(small.standard(), small.wrong()...) {
		if c.budget.failures+c.budget.death > 0 || c.budget.sdk > 0 && c.rotating || c.revoke || c.refused || c.spent > 0 {
			continue // callers who are refused call again, at ever later times
		}
		short := c.mustSearch(t)
		full, err := c.searchBy(100_000, func(w *world) string { return fmt.Sprintf("%+v", *w) })
		if err != nil {
			t.Fatal(err)
		}
		if short.broken != full.broken || len(short.trace) != len(full.trace) || full.states < short.states {
			t.Errorf("%s/%s: %d states and %q, with everything told apart %d states and %q",
				c.name, c.server(), short.states, short.broken, full.states, full.broken)
		}
	}
}

func TestCommand(t *testing.T) {
	var out strings.Builder
	if err := run([]string{"-n", "2", "-trace"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Processes: 2. Killed, at the most: 1.", "G1 TO G7 HOLD", "breaks G4", "process 1 reads the row", "NOTHING GOES WRONG"} {
		if !strings.Contains(strings.ToUpper(out.String()), strings.ToUpper(want)) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
	for _, args := range [][]string{{"-n", "0"}, {"-crashes", "-1"}, {"-limit", "10"}} {
		if err := run(args, &strings.Builder{}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
	right := []result{{config: config{name: "c"}, broken: g4}}
	if err := verdict(&out, right, nil, false); err == nil || !strings.Contains(err.Error(), "G4") {
		t.Errorf("a guarantee that breaks: %v", err)
	}
	if err := verdict(&out, nil, []result{{config: config{name: "c"}}}, false); err == nil {
		t.Error("a wrong rule that breaks nothing is no error")
	}
}

// One process alone, as the command prints it for docs/refresh.md.
func Example() {
	s := size{processes: 1, crashes: 1, expiries: 1}
	c := s.standard()[1]
	r, err := c.search(0)
	if err != nil {
		fmt.Println(err)
	}
	print(os.Stdout, s, []result{r}, nil, true)
	// Output:
	// Processes: 1. Killed, at the most: 1. Leases that end while their holder is at work, at the most: 1.
	//
	// | What may happen | Server | States | Steps | Longest wait | Guarantees |
	// | --- | --- | --- | --- | --- | --- |
	// | deaths, leases that end too early | Zoho | 23 | 28 | 20 s | G1 to G7 hold |
}
