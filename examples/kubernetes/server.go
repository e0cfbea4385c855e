package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"zohocrm"
	"zohocrm/crm"
	"zohocrm/oauth"
)

type server struct {
	zoho   *zohocrm.Client // nobody's
	user   oauth.Token     // whose leads are served
	log    *slog.Logger
	ending atomic.Bool // no new requests, please
}

// handler has the two probes and the work. Neither probe asks the database or
// Zoho: while those are away, a replica goes on serving whoever has a token that
// lives; and one that was killed for it would lose the tokens it has not been able
// to save yet. That the store can be reached is seen when the program starts.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.ending.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /leads", s.leads)
	return mux
}

// leads answers the names of the latest leads.
func (s *server) leads(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
	defer cancel()
	names, err := s.names(ctx)
	if err != nil {
		s.log.Warn("no leads", "error", err)
		w.WriteHeader(status(err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(names); err != nil {
		s.log.Debug("the caller has gone", "error", err)
	}
}

func (s *server) names(ctx context.Context) ([]string, error) {
	client, err := s.zoho.As(ctx, s.user)
	if err != nil {
		return nil, err
	}
	page, err := client.CRM.Records.ListPage(ctx, "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}, PerPage: 10})
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, lead := range page.Records {
		names = append(names, lead.Text("Last_Name"))
	}
	return names, nil
}

// status tells a caller whether to come back: 503 for what passes, 500 for what a
// person has to mend.
func status(err error) int {
	for _, passes := range []error{oauth.ErrThrottled, oauth.ErrUnreachable, oauth.ErrOutcomeUnknown, oauth.ErrStoreUnavailable,
		crm.ErrThrottled, crm.ErrUnavailable, context.DeadlineExceeded} {
		if errors.Is(err, passes) {
			return http.StatusServiceUnavailable
		}
	}
	return http.StatusInternalServerError
}

// serve answers until ctx ends, then finishes what it has begun.
func serve(ctx context.Context, s *server, listener net.Listener) error {
	web := &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 40 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }() // ends with Shutdown
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.ending.Store(true)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 35*time.Second)
	defer cancel()
	err := web.Shutdown(stopping)
	if err != nil {
		err = errors.Join(err, web.Close())
	}
	<-ended
	return err
}
