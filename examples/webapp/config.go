package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"zohocrm/dc"
	"zohocrm/oauth"
)

const usage = `webapp: people sign in with Zoho and see their leads.

  webapp -sim      a built-in simulator in place of Zoho; nothing else is needed

Environment, the same as that of zcrm where both have it:
  ZCRM_CLIENT_ID, ZCRM_CLIENT_SECRET   of a server-based application, from https://api-console.zoho.com
  ZCRM_REDIRECT_URL                    as registered there (http://localhost:8765/callback)
  ZCRM_DC                              where it is registered: us, eu, in, ... (us)
  ZCRM_STORE                           where tokens are kept: sqlite:PATH, csv:PATH, mysql://...,
                                       postgres://..., redis://... (a SQLite file in your
                                       configuration folder)

Flags:
`

// config is what the program is told.
type config struct {
	simulate bool
	listen   string // address to listen on
	client   oauth.Token
	home     dc.DataCenter // where the client is registered
	storeURL string
	logLevel slog.Level
}

func readConfig(args []string, getenv func(string) string, errs io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("webapp", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprint(errs, usage); flags.PrintDefaults() }
	flags.BoolVar(&cfg.simulate, "sim", false, "run against a simulator of Zoho in this process")
	flags.StringVar(&cfg.listen, "listen", "", "`ADDRESS` to listen on, behind a proxy (default: host and port of a redirect URL of this machine)")
	flags.StringVar(&cfg.storeURL, "store", getenv("ZCRM_STORE"), "`URL` of the token store")
	flags.TextVar(&cfg.logLevel, "log-level", slog.LevelInfo, "debug, info, warn or error")
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
	if flags.NArg() > 0 {
		return cfg, fmt.Errorf("unknown argument %q: see -help", flags.Arg(0))
	}
	cfg.client = oauth.Token{
		ClientID: getenv("ZCRM_CLIENT_ID"), ClientSecret: oauth.NewSecret(getenv("ZCRM_CLIENT_SECRET")),
		RedirectURL: cmp.Or(getenv("ZCRM_REDIRECT_URL"), "http://localhost:8765/callback"),
	}
	if err := cfg.findListen(); err != nil {
		return cfg, err
	}
	if cfg.simulate {
		cfg.storeURL = cmp.Or(cfg.storeURL, "memory:") // the simulator forgets its tokens too
		return cfg, nil
	}
	if cfg.client.ClientID == "" || cfg.client.ClientSecret.IsZero() {
		return cfg, errors.New("ZCRM_CLIENT_ID and ZCRM_CLIENT_SECRET are missing: make a server-based application at https://api-console.zoho.com, or try -sim")
	}
	location, ok := getenv("ZCRM_DC"), false
	if cfg.home, ok = dc.Zoho().ByLocation(cmp.Or(location, "us")); !ok {
		return cfg, fmt.Errorf("ZCRM_DC: no data centre %q", location)
	}
	if cfg.storeURL == "" {
		folder, err := os.UserConfigDir()
		if err != nil {
			return cfg, fmt.Errorf("ZCRM_STORE is missing, and so is a folder for it: %w", err)
		}
		cfg.storeURL = "sqlite:" + filepath.Join(folder, "zohocrm-webapp", "tokens.db")
	}
	return cfg, nil
}

// findListen takes the address from the redirect URL if that leads to this machine
// without a proxy in between.
func (cfg *config) findListen() error {
	u, err := url.Parse(cfg.client.RedirectURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("ZCRM_REDIRECT_URL is not a URL such as http://localhost:8765/callback")
	}
	if cfg.listen != "" {
		return nil
	}
	if u.Scheme != "http" || !isLoopback(u.Hostname()) {
		return errors.New("-listen is missing: the redirect URL leads to a proxy, which must pass requests on to some address")
	}
	cfg.listen = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "80"))
	return nil
}

// storeName is the kind of the store, without the address and what may stand in it.
func (cfg *config) storeName() string {
	scheme, _, _ := strings.Cut(cfg.storeURL, ":")
	names := map[string]string{
		"memory": "this server's memory", "csv": "a file of this server", "sqlite": "a SQLite database of this server",
		"mysql": "a MySQL database", "postgres": "a PostgreSQL database", "redis": "Redis", "rediss": "Redis",
	}
	return cmp.Or(names[scheme], "this server's store")
}
