package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/internal/storm"
	"zohocrm/sim"
)

// stormOptions are the parsed command line of "zcrm storm".
type stormOptions struct {
	app        *app
	store      string // "": a SQLite file in a folder of its own, removed afterwards
	simulator  string // "": one of our own
	processes  int
	goroutines int
	expiries   int
	killEvery  int
	pauseEvery int
	killAt     string
	lease      time.Duration
}

func newStormCmd(a *app) *cobra.Command {
	o := stormOptions{app: a}
	cmd := &cobra.Command{
		Use:   "storm",
		Short: "Prove, under load, that a token is refreshed once",
		Long: `Start many processes on one store, let their shared token expire again and again
while all of them ask for it at once, and count what Zoho's simulator counts: one
mint for each expiry, and no error. With --kill-every a process is killed in the
middle of its refresh now and then, at another point each time; with --pause-every
it is stopped for longer than its lease. Each may cost one mint more.

The tokens go to a SQLite file in a temporary folder, or to the store of --store,
under a name that is made for this run, and are removed at the end. The simulator
is zcrm's own, or one on this machine with --simulator: a storm is never made over
Zoho.

The points are ` + points() + `.
It ends with 0 if the storm was weathered: no caller saw an error, no token was
lost, and no mint was made that a kill or a pause does not explain.`,
		Example: `  zcrm storm
  zcrm storm --processes 8 --goroutines 16 --expiries 20 --kill-every 3
  zcrm storm --store mysql://root@localhost/zohooauth --pause-every 5
  zcrm storm --kill-every 1 --kill-at after-post`,
		Args: noArgs(""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.store = a.flags.store
			if a.flags.accountsURL != "" || a.flags.apiURL != "" {
				return usagef("a storm is made over a simulator alone: name a running one with --simulator")
			}
			return runStorm(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.processes, "processes", 8, "how many processes")
	f.IntVar(&o.goroutines, "goroutines", 16, "how many callers in each process")
	f.IntVar(&o.expiries, "expiries", 20, "how often the token expires")
	f.IntVar(&o.killEvery, "kill-every", 0, "kill a process in every `N`th expiry; 0: none")
	f.StringVar(&o.killAt, "kill-at", "", "kill at this `POINT` only")
	f.IntVar(&o.pauseEvery, "pause-every", 0, "stop a process for longer than its lease in every `N`th expiry; 0: never")
	f.DurationVar(&o.lease, "lease", 3*time.Second, "for how long a dead process's lease holds up the others")
	f.StringVar(&o.simulator, "simulator", "", "`URL` of a running zcrm sim, such as http://127.0.0.1:8800")
	_ = cmd.RegisterFlagCompletionFunc("kill-at", cobra.FixedCompletions(strings.Split(points(), ", "), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// newStormWorkerCmd is what a storm starts; it is not for people.
func newStormWorkerCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "storm-worker", Hidden: true, Args: noArgs(""),
		RunE: func(cmd *cobra.Command, _ []string) error { return storm.Work(cmd.Context(), a.in, a.out) },
	}
}

func points() string {
	var words []string
	for _, p := range storm.Points() {
		words = append(words, string(p))
	}
	return strings.Join(words, ", ")
}

func (o stormOptions) check() error {
	for flag, n := range map[string]int{"processes": o.processes, "goroutines": o.goroutines, "expiries": o.expiries} {
		if n < 1 || n > 1000 {
			return usagef("--%s: it must be between 1 and 1000", flag)
		}
	}
	switch {
	case o.killEvery < 0 || o.pauseEvery < 0:
		return usagef("--kill-every and --pause-every: they count expiries and cannot be negative")
	case o.killAt != "" && !slices.Contains(storm.Points(), storm.Point(o.killAt)):
		return usagef("--kill-at: there is no such point; the points are %s", points())
	case o.lease < 100*time.Millisecond:
		return usagef("--lease: it must be a tenth of a second or more, or nobody can refresh within it")
	case strings.HasPrefix(o.store, "memory:") || o.store == "sqlite::memory:":
		return usagef("--store: a store in memory is not shared by processes; use a file or a server")
	}
	return nil
}

func runStorm(ctx context.Context, o stormOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program cannot start itself again: %w", err)
	}
	if o.store == "" {
		folder, err := os.MkdirTemp("", "zcrm-storm-")
		if err != nil {
			return fmt.Errorf("no folder for the storm's tokens: %w", err)
		}
		defer os.RemoveAll(folder)
		o.store = "sqlite:" + filepath.Join(folder, "tokens.db")
	}
	if o.simulator == "" {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("the simulator found no free port: %w", err)
		}
		s := sim.New(sim.Config{})
		web := serveSim(s, listener)
		defer web.Close()
		defer s.Close()
		o.simulator = "http://" + listener.Addr().String()
	}
	show := o.app.showStorm(o)
	sum, err := storm.Run(ctx, storm.Config{
		Worker: []string{self, "storm-worker"}, Store: o.store, Password: o.app.set.storePassword, Keys: o.app.set.keys, Simulator: o.simulator,
		Processes: o.processes, Goroutines: o.goroutines, Expiries: o.expiries, KillEvery: o.killEvery, At: storm.Point(o.killAt),
		PauseEvery: o.pauseEvery, Lease: o.lease, Progress: show.told,
	})
	show.stop()
	if err != nil {
		return err
	}
	return errors.Join(o.app.printStorm(sum), sum.Err())
}
