package cli

import (
	"fmt"
	"strings"
	"time"

	"zohocrm/internal/storm"
	"zohocrm/store/open"
)

// stormShow tells how a storm goes on: one line that is rewritten on a terminal,
// and elsewhere a line now and then.
type stormShow struct {
	app      *app
	expiries int
	live     bool
	last     time.Time
}

func (a *app) showStorm(o stormOptions) *stormShow {
	show := &stormShow{app: a, expiries: o.expiries, live: isTerminal(a.err)}
	if !a.set.json {
		a.tell("zcrm storm: %s of %s each on %s, %s", count(o.processes, "process"), count(o.goroutines, "caller"), open.Redact(o.store), count(o.expiries, "expiry"))
	}
	return show
}

func (s *stormShow) told(done int, sum storm.Summary) {
	line := fmt.Sprintf("%d of %d expiries, %d mints, %d killed, %d errors", done, s.expiries, sum.Mints, sum.Killed(), len(sum.Errors))
	switch {
	case s.app.set.json:
	case s.live:
		fmt.Fprintf(s.app.err, "\r\x1b[K%s", line)
	case time.Since(s.last) > 5*time.Second:
		s.last = time.Now()
		s.app.tell("%s", line)
	}
}

func (s *stormShow) stop() {
	if s.live && !s.app.set.json {
		fmt.Fprint(s.app.err, "\r\x1b[K")
	}
}

// stormView is a storm as --json prints it. Durations are in milliseconds.
type stormView struct {
	Expiries int            `json:"expiries"`
	Mints    int            `json:"mints"`
	Extra    int            `json:"extra_mints"`
	Kills    map[string]int `json:"kills"`
	Pauses   int            `json:"pauses"`
	Calls    int            `json:"calls"`
	Errors   []string       `json:"errors"`
	Lost     int            `json:"lost_tokens"`
	Waited   int            `json:"waited"`
	Adopted  int            `json:"adopted"`
	P50      float64        `json:"latency_p50_ms"`
	P99      float64        `json:"latency_p99_ms"`
	Max      float64        `json:"latency_max_ms"`
	Seconds  float64        `json:"seconds"`
	OK       bool           `json:"ok"`
}

func (a *app) printStorm(sum storm.Summary) error {
	ms := func(share float64) float64 { return float64(sum.Quantile(share).Microseconds()) / 1000 }
	if a.set.json {
		v := stormView{
			Expiries: sum.Expiries, Mints: sum.Mints, Extra: sum.Extra(), Kills: map[string]int{}, Pauses: sum.Pauses, Calls: sum.Calls,
			Errors: append([]string{}, sum.Errors...), Lost: sum.Lost, Waited: sum.Waited, Adopted: sum.Adopted,
			P50: ms(0.5), P99: ms(0.99), Max: ms(1), Seconds: sum.Duration.Seconds(), OK: sum.Err() == nil,
		}
		for p, n := range sum.Kills {
			v.Kills[string(p)] = n
		}
		return a.printJSON(v)
	}
	p := a.painter(a.out)
	fact := func(label, format string, args ...any) {
		fmt.Fprintf(a.out, "%s %s %s\n", label, p.faint(strings.Repeat(".", max(2, 34-len(label)))), fmt.Sprintf(format, args...))
	}
	fact("expiries", "%d", sum.Expiries)
	fact("mints at Zoho", "%d", sum.Mints)
	fact("  beyond one for each expiry", "%d", sum.Extra())
	fact("processes killed", "%d", sum.Killed())
	for _, point := range storm.Points() {
		if n := sum.Kills[point]; n > 0 {
			fact("  "+string(point), "%d", n)
		}
	}
	if sum.Pauses > 0 {
		fact("processes paused", "%d", sum.Pauses)
	}
	fact("tokens asked for", "%d", sum.Calls)
	fact("  waits for another process", "%d", sum.Waited)
	fact("errors", "%d", len(sum.Errors))
	fact("lost tokens", "%d", sum.Lost)
	fact("time", "%s", sum.Duration.Round(time.Millisecond))
	fmt.Fprintln(a.out, "\nhow long callers waited")
	_, err := fmt.Fprint(a.out, histogram(sum.Latency, p))
	return err
}

// histogram draws the sorted durations in steps of four times.
func histogram(sorted []time.Duration, p paint) string {
	const width = 40
	var b strings.Builder
	rest := sorted
	for limit := 100 * time.Microsecond; len(rest) > 0; limit *= 4 {
		n := 0
		for n < len(rest) && rest[n] < limit {
			n++
		}
		rest = rest[n:]
		if n == 0 && len(rest) == len(sorted) {
			continue // nothing is as quick as this
		}
		bar := n * width / len(sorted)
		if n > 0 && bar == 0 {
			bar = 1
		}
		fmt.Fprintf(&b, "  below %8s  %s %d\n", limit.Round(100*time.Microsecond), p.good(strings.Repeat("#", bar)), n)
	}
	return b.String()
}
