package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/transfer"
)

// TestCopyGoesOn: wherever a target goes away or the caller gives up, copying
// again finishes the work.
func TestCopyGoesOn(t *testing.T) {
	rows := users(1, 41)
	rows[3], rows[17] = login(4), login(18)
	rows[5].ID = "x5"
	away := fmt.Errorf("%w: connection lost", oauth.ErrStoreUnavailable)
	for _, c := range []struct {
		name string
		to   func(fault func([]oauth.Token) error) oauth.Store
	}{
		{"batch", func(fault func([]oauth.Token) error) oauth.Store { return newFaulty(fault) }},
		{"single", func(fault func([]oauth.Token) error) oauth.Store { return single{newFaulty(fault)} }},
	} {
		for _, giveUp := range []bool{false, true} {
			t.Run(fmt.Sprint(c.name, " given up ", giveUp), func(t *testing.T) {
				writes, last := 0, 0
				var stop context.CancelFunc
				to := c.to(func([]oauth.Token) error {
					if writes++; writes != last {
						return nil
					}
					if giveUp {
						stop()
						return nil // it is written all the same
					}
					return away
				})
				from := newFixed(t, rows...)
				finished := false
				for last = 1; !finished; last++ {
					if err := to.DeleteAll(context.Background()); err != nil {
						t.Fatal(err)
					}
					writes = 0
					ctx, cancel := context.WithCancel(context.Background())
					stop = cancel
					report, err := transfer.Copy(ctx, from, to, transfer.Config{BatchSize: 10})
					cancel()
					sums(t, report)
					finished = err == nil
					want := away
					if giveUp {
						want = context.Canceled
					}
					if !finished && (!errors.Is(err, want) || !strings.Contains(err.Error(), "copy again")) {
						t.Fatalf("%v, want %v and what to do", err, want)
					}
					writes = last // nothing fails from here on
					report = copied(t, from, to, transfer.Config{BatchSize: 10})
					if report.Read != 40 || report.Updated > 0 || len(report.Refused) > 0 {
						t.Errorf("after write %d failed: %v", last, report)
					}
					if n := len(all(t, to)); n != 40 {
						t.Errorf("after write %d failed the target holds %d tokens, want 40", last, n)
					}
					sameRows(t, to, rows)
				}
				if last < 5 {
					t.Errorf("only %d faults were tried", last-1)
				}
			})
		}
	}
}

// TestCopyNoticesADifference: what a target gives back is compared, column by
// column and field by field.
func TestCopyNoticesADifference(t *testing.T) {
	other := oauth.NewSecret("hidden")
	for column, spoil := range map[string]func(*oauth.Token){
		"user_name":     func(t *oauth.Token) { t.UserName = strings.ToUpper(t.UserName) },
		"client_id":     func(t *oauth.Token) { t.ClientID = "1000.c" },
		"client_secret": func(t *oauth.Token) { t.ClientSecret = other },
		"refresh_token": func(t *oauth.Token) { t.RefreshToken = other },
		"access_token":  func(t *oauth.Token) { t.AccessToken = other },
		"grant_token":   func(t *oauth.Token) { t.GrantToken = other },
		"expiry_time":   func(t *oauth.Token) { t.Expiry = t.Expiry.Add(time.Millisecond) },
		"redirect_url":  func(t *oauth.Token) { t.RedirectURL = "" },
		"api_domain":    func(t *oauth.Token) { t.APIDomain = "https://www.zohoapis.eu" },
		"scope":         func(t *oauth.Token) { t.Scope = "" },
		"accounts_url":  func(t *oauth.Token) { t.AccountsURL = "" },
		"created_at":    func(t *oauth.Token) { t.CreatedAt = time.Time{} },
		"last_used_at":  func(t *oauth.Token) { t.LastUsedAt = time.Time{} },
	} {
		t.Run(column, func(t *testing.T) {
			to := &spoiling{filled(t), func(row *oauth.Token) {
				if row.ID == "2" || row.ID == "5" {
					spoil(row)
				}
			}}
			rows := users(1, 5)
			rows = append(rows, login(5))
			if column == "user_name" {
				rows = rows[:4]
			}
			report, err := transfer.Copy(context.Background(), newFixed(t, rows...), to, transfer.Config{})
			sums(t, report)
			counts(t, report, 3, 0, 0)
			var difference *transfer.DifferenceError
			if !errors.As(err, &difference) || difference.ID != "2" || difference.Column != column {
				t.Fatalf("%v, want a *DifferenceError of %s of id 2", err, column)
			}
			if text := err.Error(); strings.Contains(text, "hidden") || strings.Contains(text, "user2.") {
				t.Errorf("%q tells a value", text)
			}
			for i, r := range report.Refused {
				if !errors.As(r.Err, &difference) || difference.Column != column || r.ID != rows[1+3*i].ID {
					t.Errorf("refused is %v", r)
				}
			}
		})
	}
	t.Run("lost", func(t *testing.T) {
		to := &losing{filled(t)}
		report, err := transfer.Copy(context.Background(), newFixed(t, user(1), login(2)), to, transfer.Config{})
		var difference *transfer.DifferenceError
		if !errors.As(err, &difference) || difference.Column != "" || len(report.Refused) != 2 {
			t.Errorf("%v, %v; want two tokens that are not there", report, err)
		}
		if text := fmt.Sprint(err); strings.Count(text, "does not find it") != 2 {
			t.Errorf("%q does not say that they are lost", text)
		}
	})
}

// spoiling is a target that keeps something else than it was given.
type spoiling struct {
	oauth.Store
	spoil func(*oauth.Token)
}

func (s *spoiling) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	row, err := s.Store.Find(ctx, partial)
	s.spoil(&row)
	return row, err
}

func (s *spoiling) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}

// losing is a target that says it took a token and did not.
type losing struct{ oauth.Store }

func (s *losing) Save(_ context.Context, t oauth.Token) (oauth.Token, error) {
	if t.ID == "" {
		t.ID = "1"
	}
	return t, nil
}

// TestCopyLosesTheTarget: at any of its answers.
func TestCopyLosesTheTarget(t *testing.T) {
	rows := users(1, 6)
	rows[1], rows[3] = login(2), login(4)
	there := login(4)
	there.ID = "40"
	tried := 0
	for last := 1; ; last++ {
		s := filled(t, user(3), there)
		to := &unreachable{Store: s, until: int64(last)}
		report, err := transfer.Copy(context.Background(), newFixed(t, rows...), to, transfer.Config{BatchSize: 2})
		sums(t, report)
		if err == nil {
			break
		}
		if tried++; !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "target") {
			t.Fatalf("after %d answers: %v, want %v of the target", last, err, oauth.ErrStoreUnavailable)
		}
		counted := report.Inserted + report.Unchanged
		report = copied(t, newFixed(t, rows...), s, transfer.Config{})
		if len(all(t, s)) != 5 || report.Unchanged < counted {
			t.Errorf("after %d answers: copied again: %v, the target holds %d", last, report, len(all(t, s)))
		}
	}
	if tried < 15 {
		t.Errorf("only %d places were tried", tried)
	}
}

// unreachable is a target that answers only so many times.
type unreachable struct {
	oauth.Store
	answers atomic.Int64
	until   int64
}

func (s *unreachable) away() error {
	if s.answers.Add(1) > s.until {
		return fmt.Errorf("%w: connection lost", oauth.ErrStoreUnavailable)
	}
	return nil
}

func (s *unreachable) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	if err := s.away(); err != nil {
		return oauth.Token{}, err
	}
	return s.Store.Find(ctx, partial)
}

func (s *unreachable) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}

func (s *unreachable) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := s.away(); err != nil {
		return oauth.Token{}, err
	}
	return s.Store.Save(ctx, t)
}

// TestCopyUsesTheBatchWithin: an ability is found through wrappers.
func TestCopyUsesTheBatchWithin(t *testing.T) {
	writes := 0
	to := wrapper{newFaulty(func(tokens []oauth.Token) error {
		writes++
		return nil
	})}
	counts(t, copied(t, newFixed(t, users(1, 101)...), to, transfer.Config{BatchSize: 50}), 100, 0, 0)
	if writes != 2 {
		t.Errorf("%d writes of 100 tokens in batches of 50", writes)
	}
}

type wrapper struct{ oauth.Store }

func (s wrapper) Unwrap() oauth.Store { return s.Store }

// TestCopyWhileTheTargetIsUsed: a row that changes between the look and the Save
// is looked at again.
func TestCopyWhileTheTargetIsUsed(t *testing.T) {
	renewed := user(2)
	renewed.AccessToken, renewed.Expiry = oauth.NewSecret("renewed"), noon().Add(time.Hour)
	for _, c := range []struct {
		name   string
		change oauth.Token
		want   error
	}{
		{"side by side", oauth.Token{ID: "2", RedirectURL: "https://example.org"}, nil},
		{"refreshed", oauth.Token{ID: "2", AccessToken: oauth.NewSecret("newer"), Expiry: noon().Add(2 * time.Hour)}, oauth.ErrConflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			var to *faulty
			changed := false
			to = newFaulty(func([]oauth.Token) error {
				if changed {
					return nil
				}
				changed = true
				_, err := to.Store.Save(context.Background(), c.change)
				return err
			})
			if err := to.Store.SaveAll(context.Background(), slices.Values(users(1, 4))); err != nil {
				t.Fatal(err)
			}
			report, err := transfer.Copy(context.Background(), newFixed(t, user(1), renewed, user(3), user(4)), to, transfer.Config{})
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			want, updated := renewed, 1
			if c.want != nil {
				want = oauth.Merge(c.change, user(2))
				updated = 0
			}
			counts(t, report, 1, updated, 2)
			sameRows(t, to, []oauth.Token{user(1), want, user(3), user(4)})
		})
	}
	t.Run("always", func(t *testing.T) {
		to := newFaulty(refusing(fmt.Errorf("%w: again", oauth.ErrConflict), "user2"))
		report, err := transfer.Copy(context.Background(), newFixed(t, users(1, 5)...), to, transfer.Config{})
		if !errors.Is(err, oauth.ErrConflict) || len(report.Refused) != 1 || report.Inserted != 3 {
			t.Errorf("%v, %v; want user2 refused in the end", report, err)
		}
	})
}

// TestCopyFromADamagedStore: what stands before the damage is copied.
func TestCopyFromADamagedStore(t *testing.T) {
	from := newFixed(t, users(1, 16)...)
	from.damage = &oauth.CorruptError{Place: "line 17", Reason: "not a token"}
	to := filled(t)
	report, err := transfer.Copy(context.Background(), from, to, transfer.Config{BatchSize: 10})
	var damage *oauth.CorruptError
	if !errors.As(err, &damage) || damage.Place != "line 17" || report.Inserted != 15 {
		t.Errorf("%v, %v; want 15 inserted and the damage told", report, err)
	}
	sameRows(t, to, from.rows)
}

// TestCopyToABadStore: one that is damaged, or one that cannot be written: nothing is begun.
func TestCopyToABadStore(t *testing.T) {
	bad := newFixed(t)
	bad.damage = &oauth.CorruptError{Place: "line 2", Reason: "not a token"}
	if _, err := transfer.Copy(context.Background(), newFixed(t, user(1)), bad, transfer.Config{}); !errors.Is(err, oauth.ErrCorrupt) {
		t.Errorf("%v, want %v", err, oauth.ErrCorrupt)
	}
	full := errors.New("disk full")
	to := &unwritable{newFixed(t), full}
	if _, err := transfer.Copy(context.Background(), newFixed(t, user(1)), to, transfer.Config{}); !errors.Is(err, full) {
		t.Errorf("%v, want %v", err, full)
	}
	copied(t, newFixed(t, user(1)), to, transfer.Config{DryRun: true})
}

type unwritable struct {
	oauth.Store
	err error
}

func (s *unwritable) Probe(context.Context) error { return s.err }

// TestCopyObeysItsContext from the start.
func TestCopyObeysItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	to := filled(t)
	report, err := transfer.Copy(ctx, newFixed(t, users(1, 20)...), to, transfer.Config{})
	if !errors.Is(err, context.Canceled) || report.Read != 0 || len(all(t, to)) != 0 {
		t.Errorf("%v, %v; want %v and nothing done", report, err, context.Canceled)
	}
}

// TestCopyLosesTheSource: an error of Find in the source stops the copy.
func TestCopyLosesTheSource(t *testing.T) {
	from := &lost{newFixed(t, users(1, 30)...)}
	_, err := transfer.Copy(context.Background(), from, filled(t), transfer.Config{})
	if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "source") {
		t.Errorf("%v, want %v of the source", err, oauth.ErrStoreUnavailable)
	}
}

type lost struct{ *fixed }

func (s *lost) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	if partial.UserName == "user20" {
		return oauth.Token{}, fmt.Errorf("%w: connection lost", oauth.ErrStoreUnavailable)
	}
	return s.fixed.Find(ctx, partial)
}
