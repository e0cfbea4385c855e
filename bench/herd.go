package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// herdSize is how many processes want the same token.
const herdSize = 12

// herds measure what comes of twelve processes that start at once and find the same
// expired token.
func herds(ctx context.Context, k *kit) (sheet, error) {
	program, err := k.zcrm(ctx)
	if err != nil {
		return sheet{}, err
	}
	var s sheet
	for _, in := range kinds() {
		h, err := k.herd(ctx, program, in)
		if err != nil {
			return sheet{}, fmt.Errorf("%s: %w", in, err)
		}
		s.counts = append(s.counts, count{
			name: fmt.Sprintf("one expired token in %s, twelve programs at once", in), how: "zcrm token get; Zoho's answer takes 300 ms",
			target: "1 mint, 0 errors", exact: true, measure: h.measure,
		})
	}
	return s, nil
}

type herd struct {
	program, folder, storeURL string
	sim                       *simulator
	store                     *open.Store
	rounds                    int
}

func (k *kit) herd(ctx context.Context, program string, in kind) (*herd, error) {
	h := &herd{program: program, rounds: min((k.rounds+1)/2, 5)} // Zoho allows ten mints in ten minutes
	var err error
	if h.folder, err = k.folder(); err != nil {
		return nil, err
	}
	if h.storeURL, err = k.place(ctx, in); err != nil {
		return nil, err
	}
	if h.store, err = k.store(ctx, h.storeURL, open.Config{}); err != nil {
		return nil, err
	}
	if h.sim, err = k.simulator(ctx); err != nil {
		return nil, err
	}
	_, err = h.sim.login(ctx, h.store)
	return h, err
}

// measure answers the worst of some rounds.
func (h *herd) measure(ctx context.Context) (string, bool, error) {
	mints, failed, first := int64(1), 0, ""
	for range h.rounds {
		m, errs, err := h.round(ctx)
		if err != nil {
			return "", false, err
		}
		if m != 1 {
			mints = m
		}
		if len(errs) > failed {
			failed, first = len(errs), ": "+errs[0]
		}
	}
	return fmt.Sprintf("%d mint, %d errors%s", mints, failed, first), mints == 1 && failed == 0, nil
}

// round lets the token expire and starts the processes. errs are what they said
// that failed, or that got another token than the one that is stored.
func (h *herd) round(ctx context.Context) (mints int64, errs []string, err error) {
	row, err := h.store.Find(ctx, oauth.Token{ClientID: clientID, UserName: "alice@example.com:10001"})
	if err != nil {
		return 0, nil, err
	}
	expired := oauth.Token{ID: row.ID, Version: row.Version, AccessToken: row.AccessToken, Expiry: time.Now().Add(-time.Minute)}
	if _, err := h.store.Save(ctx, expired); err != nil {
		return 0, nil, err
	}
	before := h.sim.Counters().Refreshes
	h.sim.slow()
	var all sync.WaitGroup
	var got [herdSize]string
	var failed [herdSize]string
	for i := range herdSize {
		all.Go(func() { got[i], failed[i] = h.get(ctx) })
	}
	all.Wait()
	if row, err = h.store.Get(ctx, row.ID); err != nil {
		return 0, nil, err
	}
	for i := range herdSize {
		if failed[i] == "" && got[i] != row.AccessToken.Reveal() {
			failed[i] = "got another token than is stored"
		}
		if failed[i] != "" {
			errs = append(errs, failed[i])
		}
	}
	return h.sim.Counters().Refreshes - before, errs, nil
}

// get is one process.
func (h *herd) get(ctx context.Context) (token, failed string) {
	cmd := exec.CommandContext(ctx, h.program, "token", "get")
	cmd.Env = append(os.Environ(), "ZCRM_STORE="+h.storeURL, "ZCRM_ACCOUNTS_URL="+h.sim.url, "ZCRM_API_URL="+h.sim.url,
		"ZCRM_CLIENT_ID="+clientID, "ZCRM_CLIENT_SECRET="+clientSecret, "XDG_STATE_HOME="+h.folder)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	if err := cmd.Run(); err != nil {
		return "", fmt.Sprintf("%v %s", err, bytes.TrimSpace(trouble.Bytes()))
	}
	return strings.TrimSpace(out.String()), ""
}
