// Webapp is the sample project of Zoho's SDKs in Go: a web application in which
// people sign in with Zoho and see the leads of their CRM.
//
//	go run ./examples/webapp -sim     # against the built-in simulator, no account needed
//
// It shows what such an application has to get right: the OAuth dance with state
// and PKCE bound to the browser that began it ([app.connect], [app.callback]),
// tokens kept on the server in a store of your choice ([config]), people kept apart
// ([session]), and leaving in both ways: out of this browser, or out of Zoho
// ([app.signOut], [app.disconnect]). docs/webapp.md walks through it.
//
// Pages are rendered on the server from embedded templates. There is no script and
// nothing to build.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"zohocrm/store/open"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "webapp:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, lets the requests finish that are being answered, and
// closes what it opened, last opened first.
func run(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) (err error) {
	cfg, err := readConfig(args, getenv, errs)
	if errors.Is(err, flag.ErrHelp) {
		return nil // it is printed
	}
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: cfg.logLevel}))
	if cfg.simulate {
		zoho, err := startSimulator(ctx, &cfg)
		if err != nil {
			return err
		}
		defer zoho.Close()
	}
	store, err := open.URL(ctx, cfg.storeURL, open.Config{Logger: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	a, err := newApp(appConfig{
		Client: cfg.client, Home: cfg.home, Store: store, StoreName: cfg.storeName(), Logger: log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	listener, err := net.Listen("tcp", cfg.listen)
	if err != nil {
		return fmt.Errorf("cannot listen: %w; end the program that uses the port, or register another ZCRM_REDIRECT_URL", err)
	}
	fmt.Fprintf(out, "Open %s/ in your browser. Ctrl-C ends it.\n", a.origin)
	return serve(ctx, a, listener)
}

// serve answers on listener until ctx ends. Every phase of a request is bounded.
func serve(ctx context.Context, a *app, listener net.Listener) error {
	server := &http.Server{
		Handler: a.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: requestTime + 10*time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }() // ends with Shutdown
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := server.Shutdown(stopping)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	<-ended
	return err
}
