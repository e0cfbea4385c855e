package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/open"
)

// demoOptions are the parsed command line of "zcrm demo".
type demoOptions struct {
	app   *app
	store string // "": a CSV file in a folder of its own, removed afterwards
}

func newDemoCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Show the whole life of a token, without an account",
		Long: `Show the whole life of a token against the built-in simulator of Zoho: consent,
storing, calls, expiry, a restart, a second user, throttling, revocation.
No account and no network are needed, and every figure is counted while it runs.

Tokens go to a CSV file in a temporary folder. With --store they go to a store of
yours, under a client ID that is made for this run, and are removed at the end;
tokens of others in it are left alone, and so are tables that had to be made.
ZCRM_STORE is not used.`,
		Example: "  zcrm demo\n  zcrm demo --store mysql://app@localhost/test?password-file=db.txt",
		Args:    noArgs(""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(cmd.Context(), demoOptions{app: a, store: a.flags.store})
		},
	}
}

func runDemo(ctx context.Context, o demoOptions) error {
	if o.app.set.json {
		return usagef("the demo is a story and has no JSON form: leave out --json")
	}
	// Without somebody who listens, the first line that nobody reads any more, as with
	// "| head", would end the process and leave the demo's rows. Then its write fails.
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, syscall.SIGPIPE)
	defer signal.Stop(unread)
	d := &demo{app: o.app, paint: o.app.painter(o.app.out), out: &stickyWriter{out: o.app.out}, storeURL: o.store}
	if o.store == "" {
		folder, err := os.MkdirTemp("", "zcrm-demo-")
		if err != nil {
			return fmt.Errorf("no folder for the demo's tokens: %w", err)
		}
		defer os.RemoveAll(folder)
		d.storeURL, d.temporary = "csv:"+filepath.Join(folder, "tokens.csv"), true
	}
	if err := d.setUp(ctx); err != nil {
		return errors.Join(err, d.tearDown())
	}
	d.opening()
	err := d.play(ctx)
	return errors.Join(err, d.tearDown())
}

// demo is the stage: a simulator on a port of this machine, a store, and a
// Keeper that lives by the simulator's clock.
type demo struct {
	app       *app
	paint     paint
	out       *stickyWriter
	temporary bool
	storeURL  string

	sim    *sim.Server
	web    *http.Server
	url    string
	center dc.DataCenter
	client string // made for this run, so that the demo's rows are known by it

	wire
	store  *open.Store
	keeper *oauth.Keeper

	step       int
	alice, bob oauth.Token // as they connected
}

func (d *demo) setUp(ctx context.Context) error {
	d.client = "1000.DEMO" + oauth.NewState()[:12]
	d.sim = sim.New(sim.Config{Clients: []sim.Client{{ID: d.client, Secret: "demo"}}})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("the simulator found no free port: %w", err)
	}
	d.url = "http://" + listener.Addr().String()
	d.web = serveSim(d.sim, listener)
	if d.center, err = dc.Custom(d.url, ""); err != nil {
		return err
	}
	d.wire = wire{
		http: newHTTPClient(d.app.set.timeout, nil), directory: dc.Zoho().With(d.center),
		timeout: d.app.set.timeout, log: slog.New(slog.DiscardHandler), // the story tells it
	}
	d.wire.open(d.sim.Now)
	if err := d.openStore(ctx); err != nil {
		return err
	}
	return d.newKeeper()
}

func (d *demo) openStore(ctx context.Context) error {
	store, err := d.app.openURL(ctx, d.storeURL)
	d.store = store
	return err
}

func (d *demo) newKeeper() (err error) {
	d.keeper, err = oauth.NewKeeper(oauth.KeeperConfig{
		Store: d.store, Accounts: d.accounts, DataCenter: d.center, NameUser: d.nameUser,
		// The clocks of all stores follow the simulator's.
		ClockOffset: func() time.Duration { return time.Until(d.sim.Now()) },
		Ahead:       -1, // the story tells when a token is renewed
	})
	return err
}

// tearDown removes the demo's rows, and no others, and stops the simulator.
func (d *demo) tearDown() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var errs []error
	if d.keeper != nil {
		errs = append(errs, d.keeper.Close())
	}
	if d.store != nil {
		errs = append(errs, d.sweep(ctx), d.store.Close())
	}
	if d.web != nil {
		d.http.CloseIdleConnections()
		_ = d.sim.Close()
		errs = append(errs, d.web.Close())
	}
	return errors.Join(errs...)
}

func (d *demo) sweep(ctx context.Context) error {
	rows, err := d.rows(ctx)
	for _, row := range rows {
		err = errors.Join(err, d.store.Delete(ctx, row.ID, ""))
	}
	if err != nil {
		return fmt.Errorf("the demo's tokens were not removed: %w", err)
	}
	return nil
}

// rows are the demo's own rows.
func (d *demo) rows(ctx context.Context) ([]oauth.Token, error) {
	var own []oauth.Token
	for t, err := range d.store.List(ctx) {
		if err != nil {
			return own, err
		}
		if t.ClientID == d.client {
			own = append(own, t)
		}
	}
	return own, nil
}
