// Kubernetes is a service of which several replicas share the tokens in one
// PostgreSQL, sealed with keys that PostgreSQL does not have. deployment.yaml runs
// it, migrate.yaml makes the tables, and docs/recipes/kubernetes.md explains both.
//
// Everything is in the environment; secrets are files or come from a Secret:
//
//	ZCRM_STORE               postgres://USER@HOST/DATABASE?password-file=FILE
//	ZCRM_KEYS                where the keys are: env:NAME, or a file
//	ZCRM_CLIENT_ID           of the application
//	ZCRM_CLIENT_SECRET_FILE  file with its secret
//	ZCRM_DC                  where it is registered: us, eu, in, ... (us)
//	ZOHO_USER                whose leads are served: "email:organisation"
//	LISTEN                   address to listen on (:8080)
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"zohocrm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/store/open"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

func main() {
	// Kubernetes ends a pod with SIGTERM.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("LISTEN"), ":8080"))
	if err == nil {
		err = run(ctx, os.Getenv, listener, log)
	}
	if err != nil {
		log.Error("ended", "error", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, and closes what it opened, last opened first: the
// client before the store, so that a token which is being saved is saved.
func run(ctx context.Context, getenv func(string) string, listener net.Listener, log *slog.Logger) (err error) {
	defer listener.Close()
	cfg, err := config(getenv, log)
	if err != nil {
		return err
	}
	set, err := keys.Open(ctx, getenv("ZCRM_KEYS"), keys.Config{Logger: log, LookupEnv: func(name string) (string, bool) {
		value := getenv(name)
		return value, value != ""
	}})
	if err != nil {
		return err
	}
	store, err := open.URL(ctx, getenv("ZCRM_STORE"), open.Config{Logger: log, Wrap: func(s oauth.Store) (oauth.Store, error) {
		return sealed.New(s, sealed.Config{Keys: set, Logger: log})
	}})
	if err != nil {
		return err // Kubernetes starts us again, later and later
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	cfg.Store = store
	zoho, err := zohocrm.NewWithoutUser(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, zoho.Close()) }()
	return serve(ctx, &server{zoho: zoho, user: oauth.Token{UserName: getenv("ZOHO_USER")}, log: log}, listener)
}

func config(getenv func(string) string, log *slog.Logger) (zohocrm.Config, error) {
	secret, err := os.ReadFile(getenv("ZCRM_CLIENT_SECRET_FILE"))
	if err != nil {
		return zohocrm.Config{}, fmt.Errorf("ZCRM_CLIENT_SECRET_FILE: %w", err)
	}
	home, ok := dc.Zoho().ByLocation(cmp.Or(getenv("ZCRM_DC"), "us"))
	if !ok {
		return zohocrm.Config{}, fmt.Errorf("ZCRM_DC: no data centre %q", getenv("ZCRM_DC"))
	}
	if url := getenv("ZCRM_ACCOUNTS_URL"); url != "" { // a simulator or a gateway in the place of Zoho
		if home, err = dc.Custom(url, getenv("ZCRM_API_URL")); err != nil {
			return zohocrm.Config{}, err
		}
	}
	return zohocrm.Config{DataCenter: home, Logger: log, Token: oauth.Token{
		ClientID: getenv("ZCRM_CLIENT_ID"), ClientSecret: oauth.NewSecret(strings.TrimSpace(string(secret))),
	}}, nil
}
