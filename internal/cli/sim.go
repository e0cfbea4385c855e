package cli

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/sim"
)

// simOptions are the parsed command line of "zcrm sim".
type simOptions struct {
	app       *app
	addr      string
	tokenLife time.Duration
	limits    string
	readyFile string
}

func newSimCmd(a *app) *cobra.Command {
	o := simOptions{app: a}
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Run a simulator of Zoho",
		Long: `Run a simulator of Zoho's accounts server and CRM in the foreground, until
Ctrl-C. It knows the client 1000.SIM with the secret "sim", and the users alice,
bob and carol (and erik in the data centre eu). It has no password and so listens
on this machine only.

Each organisation has a few made-up records: 25 Leads, and five each of Accounts,
Contacts and Deals. They are gone when it stops.

Its own paths, all GET or POST:
  /sim/grant?user=alice                         makes a code for --grant-token
  /sim/seed?user=alice&module=Leads&count=5000  adds made-up records
  /sim/device?user_code=CODE&user=alice         consents to a login --device
  /sim/clock?advance=1h                         moves the clock
  /sim/counters                                 counts what has happened
  /sim/revoke?user=alice                        takes a consent back
  /sim/fault?kind=hang&match=token              makes something go wrong`,
		Example: `  zcrm sim
  zcrm sim --token-life 2m --limits off
  zcrm sim --addr 127.0.0.1:0 --ready-file sim.url`,
		Args: noArgs(""),
		RunE: func(cmd *cobra.Command, _ []string) error { return runSim(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.addr, "addr", "127.0.0.1:8800", "`ADDRESS` of this machine to listen on; port 0 takes a free one")
	cmd.Flags().DurationVar(&o.tokenLife, "token-life", time.Hour, "life of access tokens")
	cmd.Flags().StringVar(&o.limits, "limits", "zoho", "`WHICH` limits: zoho has Zoho's, off none")
	cmd.Flags().StringVar(&o.readyFile, "ready-file", "", "`FILE` to write the base URL to once it answers")
	completeWith(cmd, "limits", "zoho", "off")
	return cmd
}

func runSim(ctx context.Context, o simOptions) error {
	cfg := sim.Config{TokenLife: o.tokenLife, Logger: o.app.logger()}
	switch o.limits {
	case "zoho":
	case "off":
		none := sim.NoLimits()
		cfg.Limits = &none
	default:
		return usagef("--limits: it is zoho or off")
	}
	if o.tokenLife < time.Second {
		return usagef("--token-life: it must be a second or more")
	}
	if err := checkLoopback(ctx, o.addr); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("cannot listen: %w; choose another port with --addr", err)
	}
	s := sim.New(cfg)
	server := serveSim(s, listener)
	url := "http://" + listener.Addr().String()
	if o.readyFile != "" {
		if err := writeReady(o.readyFile, url); err != nil {
			_ = server.Close()
			return fmt.Errorf("--ready-file: %w", err)
		}
		defer os.Remove(o.readyFile)
	}
	if err := o.app.introduceSim(url, o.tokenLife); err != nil {
		_ = server.Close()
		return err
	}
	<-ctx.Done()
	_ = s.Close() // ends the requests that hang
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		_ = server.Close()
	}
	o.app.tell("zcrm: the simulator has stopped")
	return nil
}

// serveSim answers on listener until the server is shut down. Requests may hang
// on purpose, so only reading them is bounded.
func serveSim(s *sim.Server, listener net.Listener) *http.Server {
	server := &http.Server{
		Handler: grantAll(s), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10,
	}
	go func() { _ = server.Serve(listener) }() // ends with Shutdown or Close
	return server
}

// grantAll makes a code that is asked for without a scope cover what "zcrm login"
// asks for, so that all of zcrm works with it.
func grantAll(s http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if query := r.URL.Query(); r.Method == http.MethodGet && r.URL.Path == "/sim/grant" && !query.Has("scope") {
			query.Set("scope", defaultScopes)
			r = r.Clone(r.Context())
			r.URL.RawQuery = query.Encode()
		}
		s.ServeHTTP(w, r)
	})
}

// checkLoopback refuses every address that others could reach.
func checkLoopback(ctx context.Context, addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return usagef("--addr: it is not an address such as 127.0.0.1:8800")
	}
	refused := usagef("--addr: the simulator has no password and listens on this machine only: use 127.0.0.1, [::1] or localhost")
	if ip := net.ParseIP(host); ip != nil {
		if !ip.IsLoopback() {
			return refused
		}
		return nil
	}
	if host != "localhost" {
		return refused
	}
	found, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return usagef("--addr: localhost is not known here: use 127.0.0.1")
	}
	for _, a := range found {
		if !a.IP.IsLoopback() {
			return refused
		}
	}
	return nil
}

// writeReady writes the file in one step, so that who waits for it never reads
// half of it.
func writeReady(path, url string) error {
	if err := os.WriteFile(path+".new", []byte(url+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (a *app) introduceSim(url string, life time.Duration) error {
	if a.set.json {
		return a.printJSON(map[string]string{
			"accounts_url": url, "api_url": url, "client_id": "1000.SIM", "client_secret": "sim", "token_life": life.String(),
		})
	}
	p := a.painter(a.out)
	_, err := fmt.Fprintf(a.out, `%s

The simulator answers at %s until Ctrl-C. Access tokens live %s.
Copy this into another terminal:

  export ZCRM_ACCOUNTS_URL=%s
  export ZCRM_CLIENT_ID=1000.SIM ZCRM_CLIENT_SECRET=sim
  export ZCRM_STORE=csv:/tmp/zcrm-sim.csv

  zcrm login                                   # consent in the browser, or:
  zcrm login --grant-token "$(curl -s '%s/sim/grant?user=alice' | cut -d'"' -f4)"
  zcrm token get
  zcrm query "select Last_Name, Company from Leads where Company like 'A%%'"
  zcrm records list Leads --limit 5

  curl '%s/sim/clock?advance=1h'               # an hour passes: the next call renews
  curl '%s/sim/counters'                       # what has happened
  curl '%s/sim/seed?user=alice&module=Leads&count=5000'   # more records
`, p.bold("zcrm sim: Zoho, simulated"), url, spell(life), url, url, url, url, url)
	return err
}
