package storm

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"time"

	"zohocrm/oauth"
)

// Config says how hard the storm blows.
type Config struct {
	// Worker is the command that runs [Work] on its standard input and output.
	Worker []string
	// Environ is the workers' environment; nil is this process's.
	Environ []string
	// Store is the store's URL, shared by all; Password is its password if the URL
	// has none.
	Store    string
	Password oauth.Secret
	// Keys is the source of the keys that seal the store; "": it is plain.
	Keys string
	// Simulator is the base URL of Zoho's simulator, on a loopback address.
	Simulator string
	// Processes, Goroutines and Expiries are how many workers there are, how many
	// callers in each, and how often the token expires; 0 is 8, 16 and 20.
	Processes, Goroutines, Expiries int
	// KillEvery kills a worker in every so many expiries, at another [Point] each
	// time; 0: none. At, if given, is the only point.
	KillEvery int
	At        Point
	// PauseEvery stops a worker before its request for longer than its lease, in
	// every so many expiries, and lets it go on afterwards; 0: never. Unix only.
	PauseEvery int
	// Lease is for how long a dead worker's lease holds others up; 0 is 3 s.
	Lease time.Duration
	// Skew is by how much the clock of every second worker is wrong: two machines
	// that do not agree. It suits stores with a clock of their own.
	Skew time.Duration
	// Progress hears of each expiry that is over; nil: nobody.
	Progress func(done int, s Summary)
}

func (c Config) withDefaults() (Config, error) {
	c.Processes, c.Goroutines, c.Expiries = cmp.Or(c.Processes, 8), cmp.Or(c.Goroutines, 16), cmp.Or(c.Expiries, 20)
	c.Lease = cmp.Or(c.Lease, 3*time.Second)
	if len(c.Worker) == 0 {
		return c, fmt.Errorf("storm: Config.Worker is missing")
	}
	if c.Progress == nil {
		c.Progress = func(int, Summary) {}
	}
	return c, checkLoopback(c.Simulator)
}

// checkLoopback keeps the storm on this machine. A name is not looked up: it could
// be answered differently the next time.
func checkLoopback(simulator string) error {
	u, err := url.Parse(simulator)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("storm: the simulator's URL is not one such as http://127.0.0.1:8800")
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("storm: %s is not a loopback address; a storm is for the simulator on this machine, never for Zoho", u.Hostname())
	}
	return nil
}

// Summary is what a storm came to.
type Summary struct {
	Expiries int
	Kills    map[Point]int
	Pauses   int
	Mints    int // what the simulator counted
	Adopted  int // refreshes that a worker found done by another
	Waited   int // refreshes that waited for another worker
	Calls    int // tokens that were asked for
	Errors   []string
	// Lost counts users whose token was not in the store any more, or did not work,
	// after the storm.
	Lost int
	// Apart counts expiries after which workers held different tokens.
	Apart    int
	Latency  []time.Duration // of every call, sorted
	Duration time.Duration
}

// Killed is how many workers were killed.
func (s Summary) Killed() int {
	n := 0
	for _, k := range s.Kills {
		n += k
	}
	return n
}

// Extra is how many mints there were beyond one for each expiry.
func (s Summary) Extra() int { return s.Mints - s.Expiries }

// Quantile is the latency below which a share of the calls was, 0 to 1.
func (s Summary) Quantile(share float64) time.Duration {
	if len(s.Latency) == 0 {
		return 0
	}
	return s.Latency[min(int(share*float64(len(s.Latency))), len(s.Latency)-1)]
}

// Err says what is not as it must be: more mints than expiries, kills and pauses
// explain, an error that a caller saw, a token that was lost.
func (s Summary) Err() error {
	switch {
	case s.Lost > 0:
		return fmt.Errorf("the token was lost")
	case len(s.Errors) > 0:
		return fmt.Errorf("%d calls failed, the first with: %s", len(s.Errors), s.Errors[0])
	case s.Extra() > s.Killed()+s.Pauses:
		return fmt.Errorf("%d mints for %d expiries, %d kills and %d pauses", s.Mints, s.Expiries, s.Killed(), s.Pauses)
	case s.Apart > 0:
		return fmt.Errorf("workers held different tokens after %d expiries", s.Apart)
	}
	return nil
}
