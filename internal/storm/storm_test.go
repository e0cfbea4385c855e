package storm_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/internal/storm"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

const asWorker = "ZCRM_TEST_STORM_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) == "" {
		os.Exit(m.Run())
	}
	if err := storm.Work(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// stores are the stores that processes share, each with one that is empty.
var stores = map[string]func(t *testing.T) string{
	"csv":       func(t *testing.T) string { return "csv:" + filepath.Join(t.TempDir(), "tokens.csv") },
	"sqlite":    func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "tokens.db") },
	"mysql":     func(t *testing.T) string { return servertest.MySQL(t) },
	"postgres":  func(t *testing.T) string { return servertest.Postgres(t) },
	"pgbouncer": func(t *testing.T) string { return with(servertest.PgBouncer(t), "pooler=transaction") },
	"redis": func(t *testing.T) string {
		url, prefix := servertest.Redis(t)
		return with(url, "prefix="+prefix)
	},
}

// with adds a parameter to a URL.
func with(url, parameter string) string {
	if strings.Contains(url, "?") {
		return url + "&" + parameter
	}
	return url + "?" + parameter
}

// weather runs a storm on every store and checks what must hold in all of them.
func weather(t *testing.T, cfg storm.Config, check func(t *testing.T, s storm.Summary)) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, store := range stores {
		if cfg.Skew != 0 && (name == "csv" || name == "sqlite") {
			continue // they are shared on one machine, which has one clock
		}
		t.Run(name, func(t *testing.T) {
			cfg := cfg
			cfg.Store, cfg.Simulator = store(t), simtest.New(t, sim.Config{}).URL
			cfg.Worker, cfg.Environ = []string{self}, append(os.Environ(), asWorker+"=1")
			cfg.Lease = 2 * time.Second
			s, err := storm.Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Err(); err != nil {
				t.Errorf("%v: %+v", err, s.Kills)
			}
			if want := cfg.Expiries; s.Expiries != want {
				t.Errorf("%d expiries, want %d", s.Expiries, want)
			}
			check(t, s)
			t.Logf("%d expiries, %d mints, %d waits, %d calls, p50 %v, p99 %v", s.Expiries, s.Mints, s.Waited, s.Calls, s.Quantile(0.5), s.Quantile(0.99))
		})
	}
}

// Eight processes of sixteen callers each, twenty expiries: twenty mints.
//
// Defects: D16.
func TestOneMintForEachExpiry(t *testing.T) {
	weather(t, storm.Config{Processes: 8, Goroutines: 16, Expiries: 20}, func(t *testing.T, s storm.Summary) {
		if s.Mints != s.Expiries {
			t.Errorf("%d mints for %d expiries", s.Mints, s.Expiries)
		}
		if want := 8 * 16 * 20; s.Calls != want {
			t.Errorf("%d calls, want %d", s.Calls, want)
		}
	})
}

// A process dies at each of the points: one mint more where its request had left,
// none where it had not, and nobody sees an error.
func TestKilledAtEachPoint(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the leases of the dead")
	}
	for _, point := range storm.Points() {
		t.Run(string(point), func(t *testing.T) {
			t.Parallel()
			weather(t, storm.Config{Processes: 4, Goroutines: 4, Expiries: 1, KillEvery: 1, At: point}, func(t *testing.T, s storm.Summary) {
				if s.Kills[point] != 1 {
					t.Fatalf("kills: %v", s.Kills)
				}
				least, most := 1, 2
				switch point {
				case storm.BeforeLease, storm.AfterLease, storm.BeforePost, storm.AfterSave:
					most = 1
				case storm.AfterPost, storm.BeforeSave:
					least = 2
				}
				if s.Mints < least || s.Mints > most {
					t.Errorf("%d mints, want %d to %d", s.Mints, least, most)
				}
			})
		})
	}
}

// A process that is stopped for longer than its lease loses it, and comes back
// too late to do harm.
func TestPausedPastTheLease(t *testing.T) {
	weather(t, storm.Config{Processes: 4, Goroutines: 4, Expiries: 2, PauseEvery: 2}, func(t *testing.T, s storm.Summary) {
		if s.Pauses != 1 {
			t.Errorf("%d pauses", s.Pauses)
		}
	})
}

// Two machines whose clocks are ten minutes apart agree on when a token is over,
// since they go by the store's.
func TestClocksApart(t *testing.T) {
	for _, skew := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		t.Run(skew.String(), func(t *testing.T) {
			weather(t, storm.Config{Processes: 4, Goroutines: 4, Expiries: 5, Skew: skew}, func(t *testing.T, s storm.Summary) {
				if s.Mints != s.Expiries {
					t.Errorf("%d mints for %d expiries", s.Mints, s.Expiries)
				}
			})
		})
	}
}

func TestOnlyOnThisMachine(t *testing.T) {
	for _, url := range []string{
		"https://accounts.zoho.com", "http://accounts.zoho.eu", "http://10.0.0.1:8800", "http://localhost:8800", "http://127.0.0.1.example.com", "", "::",
	} {
		_, err := storm.Run(t.Context(), storm.Config{Worker: []string{"/bin/false"}, Store: "memory:", Simulator: url})
		if err == nil || !strings.HasPrefix(err.Error(), "storm: ") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
