package storm

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/store/open"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

const (
	// expiry is how far the clock moves for each expiry: past the token's hour.
	expiry = 61 * time.Minute
	// patience is for how long a round may go on beyond the leases of dead workers.
	patience = time.Minute
)

// storm is one run.
type storm struct {
	cfg     Config
	sim     *simulator
	store   *open.Store
	user    oauth.Token
	setup   setup
	workers []*process
	sum     Summary
	base    int // refreshes that were counted before
}

// Run makes a storm and says what came of it. What it put into the store is
// removed at the end. An error means that the storm could not be made;
// [Summary.Err] says whether it was weathered.
func Run(ctx context.Context, cfg Config) (Summary, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Summary{}, err
	}
	store, err := openStore(ctx, cfg.Store, cfg.Password, cfg.Keys)
	if err != nil {
		return Summary{}, err
	}
	defer store.Close()
	s := &storm{cfg: cfg, sim: newSimulator(cfg.Simulator), store: store, sum: Summary{Kills: map[Point]int{}}}
	s.setup = setup{
		Store: cfg.Store, Password: cfg.Password.Reveal(), Keys: cfg.Keys, Simulator: cfg.Simulator,
		User: "storm-" + rand.Text()[:8], Goroutines: cfg.Goroutines, LeaseMilli: cfg.Lease.Milliseconds(),
	}
	defer s.tidy(ctx)
	if err := s.login(ctx); err != nil {
		return s.sum, err
	}
	for i := range cfg.Processes {
		p, err := start(cfg, s.setupOf(i))
		if err != nil {
			return s.sum, err
		}
		s.workers = append(s.workers, p)
	}
	began := time.Now()
	for n := range cfg.Expiries {
		if err := s.round(ctx, n+1); err != nil {
			return s.sum, err
		}
		if err := s.count(ctx); err != nil {
			return s.sum, err
		}
		s.sum.Duration = time.Since(began)
		cfg.Progress(n+1, s.sum)
	}
	slices.Sort(s.sum.Latency)
	for _, p := range s.workers {
		if err := p.end(); err != nil {
			return s.sum, fmt.Errorf("a worker ended badly: %w", err)
		}
	}
	s.workers = nil
	return s.sum, s.findLoss(ctx)
}

// openStore opens the store that parent and workers share.
func openStore(ctx context.Context, url string, password oauth.Secret, source string) (*open.Store, error) {
	cfg := open.Config{Password: password}
	if source != "" {
		set, err := keys.Open(ctx, source, keys.Config{})
		if err != nil {
			return nil, err
		}
		cfg.Wrap = func(s oauth.Store) (oauth.Store, error) { return sealed.New(s, sealed.Config{Keys: set}) }
	}
	return open.URL(ctx, url, cfg)
}

// setupOf is what the worker with the number i is told.
func (s *storm) setupOf(i int) setup {
	its := s.setup
	if i%2 == 1 {
		its.SkewMilli = s.cfg.Skew.Milliseconds()
	}
	return its
}

// login connects the user whose token the workers share.
func (s *storm) login(ctx context.Context) error {
	home, err := dc.Custom(s.cfg.Simulator, "")
	if err != nil {
		return err
	}
	offset, err := s.sim.advance(ctx, 0)
	if err != nil {
		return err
	}
	ahead := func() time.Duration { return offset }
	k, err := oauth.NewKeeper(oauth.KeeperConfig{
		Store: s.store, DataCenter: home, ClockOffset: ahead, Ahead: -1,
		Accounts: oauth.NewAccounts(oauth.AccountsConfig{
			Directory: dc.Zoho().With(home), Now: func() time.Time { return time.Now().Add(offset) },
		}),
	})
	if err != nil {
		return err
	}
	code, err := s.sim.grant(ctx)
	if err != nil {
		return errors.Join(err, k.Close())
	}
	s.user, err = k.Connect(ctx, oauth.Login{Token: oauth.Token{
		UserName: s.setup.User, ClientID: client, ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(code),
	}})
	if err := errors.Join(err, k.Close()); err != nil {
		return err
	}
	s.base, err = s.sim.refreshes(ctx)
	return err
}

// count takes over what the simulator has counted.
func (s *storm) count(ctx context.Context) error {
	n, err := s.sim.refreshes(ctx)
	s.sum.Mints = n - s.base
	return err
}

// findLoss looks whether the token is there and works.
func (s *storm) findLoss(ctx context.Context) error {
	t, err := s.store.Find(ctx, oauth.Token{UserName: s.setup.User, ClientID: client})
	if errors.Is(err, oauth.ErrNotFound) || err == nil && t.RefreshToken != s.user.RefreshToken {
		s.sum.Lost++
		return nil
	}
	if err != nil {
		return err
	}
	ok, err := s.sim.accepts(ctx, t.AccessToken.Reveal())
	if err == nil && !ok {
		s.sum.Lost++
	}
	return err
}

// tidy ends what runs and removes what was put into the store.
func (s *storm) tidy(ctx context.Context) {
	for _, p := range s.workers {
		p.kill()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if t, err := s.store.Find(ctx, oauth.Token{UserName: s.setup.User, ClientID: client}); err == nil {
		s.store.Delete(ctx, t.ID, "") // best effort: the row is worthless
	}
}
