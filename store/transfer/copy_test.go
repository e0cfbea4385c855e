package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/transfer"
)

// copied copies and wants no error.
func copied(t failer, from, to oauth.Store, cfg transfer.Config) transfer.Report {
	t.Helper()
	report, err := transfer.Copy(context.Background(), from, to, cfg)
	if err != nil {
		t.Fatalf("Copy: %v", err)
	}
	sums(t, report)
	return report
}

// sums wants every token to be counted once.
func sums(t failer, r transfer.Report) {
	t.Helper()
	if n := r.Inserted + r.Updated + r.Unchanged + r.Gone + len(r.Duplicates) + len(r.Refused); n != r.Read {
		t.Errorf("%d tokens read and %d counted: %v", r.Read, n, r)
	}
}

func counts(t failer, r transfer.Report, inserted, updated, unchanged int) {
	t.Helper()
	if r.Inserted != inserted || r.Updated != updated || r.Unchanged != unchanged {
		t.Errorf("%v; want %d inserted, %d updated, %d unchanged", r, inserted, updated, unchanged)
	}
}

func TestCopyIntoAnEmptyStore(t *testing.T) {
	rows := users(1, 2501)
	rows[7].RefreshToken = oauth.Secret{} // a token that Zoho gave no refresh token with
	rows[9].Expiry, rows[9].Scope, rows[9].CreatedAt, rows[9].LastUsedAt = time.Time{}, "", time.Time{}, time.Time{}
	for name, to := range map[string]oauth.Store{
		"batch":  memory.New(memory.Config{}),
		"single": single{memory.New(memory.Config{})},
	} {
		t.Run(name, func(t *testing.T) {
			from := readOnly(t, filled(t, rows...))
			report := copied(t, from, to, transfer.Config{})
			counts(t, report, 2500, 0, 0)
			if len(report.Renumbered)+len(report.Duplicates)+len(report.Refused) > 0 {
				t.Errorf("%v; want nothing but inserts", report)
			}
			sameRows(t, to, all(t, from))
			before := all(t, to)
			counts(t, copied(t, from, to, transfer.Config{}), 0, 0, 2500)
			if !slices.Equal(all(t, to), before) {
				t.Error("the second copy changed the target")
			}
		})
	}
}

// TestCopyIntoItself: every token is where it belongs.
func TestCopyIntoItself(t *testing.T) {
	s := filled(t, users(1, 30)...)
	before := all(t, s)
	counts(t, copied(t, s, s, transfer.Config{Overwrite: true}), 0, 0, 29)
	if !slices.Equal(all(t, s), before) {
		t.Error("a copy of a store into itself changed it")
	}
}

func TestCopyNothing(t *testing.T) {
	var told []transfer.Progress
	report := copied(t, newFixed(t), memory.New(memory.Config{}), transfer.Config{Progress: func(p transfer.Progress) { told = append(told, p) }})
	if report.Read != 0 || len(told) != 1 || !told[0].Done {
		t.Errorf("%v, progress %v; want nothing read and one call", report, told)
	}
	if _, err := transfer.Copy(context.Background(), nil, newFixed(t), transfer.Config{}); err == nil {
		t.Error("a copy from nowhere gave no error")
	}
	if _, err := transfer.Copy(context.Background(), newFixed(t), nil, transfer.Config{}); err == nil {
		t.Error("a copy to nowhere gave no error")
	}
}

// TestCopyUnchangedUpdatedInserted: what the target has is compared, not trusted.
func TestCopyUnchangedUpdatedInserted(t *testing.T) {
	same, renewed, scoped, fuller := user(1), user(2), user(3), user(4)
	to := filled(t, same, renewed, scoped, fuller, user(99))
	renewed.AccessToken, renewed.Expiry = oauth.NewSecret("renewed"), noon().Add(time.Hour)
	scoped.Scope = "ZohoCRM.org.READ"
	fuller.RedirectURL, fuller.GrantToken, fuller.AccessToken, fuller.Expiry, fuller.Scope = "", oauth.Secret{}, oauth.Secret{}, time.Time{}, ""
	report := copied(t, newFixed(t, same, renewed, scoped, fuller, user(5)), to, transfer.Config{})
	counts(t, report, 1, 2, 2)
	sameRows(t, to, []oauth.Token{same, renewed, scoped, user(4), user(5), user(99)})
}

// TestCopyKeepsWhatMayBeNewer: an older copy is laid over nothing.
func TestCopyKeepsWhatMayBeNewer(t *testing.T) {
	later, login := noon().Add(time.Hour), noon().AddDate(0, 0, -1)
	for _, c := range []struct {
		name   string
		source func(*oauth.Token)
		target func(*oauth.Token)
		want   error
	}{
		{"target refreshed later", nil, func(t *oauth.Token) { t.AccessToken, t.Expiry = oauth.NewSecret("x"), later }, oauth.ErrConflict},
		{"source refreshed later", func(t *oauth.Token) { t.AccessToken, t.Expiry = oauth.NewSecret("x"), later }, nil, nil},
		{"both refreshed, same expiry", nil, func(t *oauth.Token) { t.AccessToken = oauth.NewSecret("x") }, oauth.ErrConflict},
		{"source's expiry unknown", func(t *oauth.Token) { t.AccessToken, t.Expiry = oauth.NewSecret("x"), time.Time{} }, nil, oauth.ErrConflict},
		{"target's expiry unknown", nil, func(t *oauth.Token) { t.AccessToken, t.Expiry = oauth.NewSecret("x"), time.Time{} }, oauth.ErrConflict},
		{"target has no access token", nil, func(t *oauth.Token) { t.AccessToken, t.Expiry = oauth.Secret{}, time.Time{} }, nil},
		{"target logged in later", nil, func(t *oauth.Token) { t.RefreshToken, t.CreatedAt = oauth.NewSecret("x"), login }, oauth.ErrConflict},
		{"source logged in later", func(t *oauth.Token) { t.RefreshToken, t.CreatedAt = oauth.NewSecret("x"), login }, nil, nil},
		{"another login, later access token", func(t *oauth.Token) {
			t.RefreshToken, t.AccessToken, t.Expiry = oauth.NewSecret("x"), oauth.NewSecret("y"), later
		}, nil, oauth.ErrConflict},
		{"another login, unknown when", func(t *oauth.Token) { t.RefreshToken, t.CreatedAt = oauth.NewSecret("x"), time.Time{} }, nil, oauth.ErrConflict},
		{"another client secret", nil, func(t *oauth.Token) { t.ClientSecret = oauth.NewSecret("x") }, oauth.ErrConflict},
		{"another grant token", nil, func(t *oauth.Token) { t.GrantToken = oauth.NewSecret("x") }, oauth.ErrConflict},
		{"a code not yet exchanged", nil, func(t *oauth.Token) {
			t.GrantToken, t.RefreshToken, t.AccessToken, t.Expiry = oauth.NewSecret("x"), oauth.Secret{}, oauth.Secret{}, time.Time{}
			t.CreatedAt = time.Now()
		}, oauth.ErrConflict},
		{"another redirect URL", nil, func(t *oauth.Token) { t.RedirectURL = "https://example.org" }, nil},
		{"another spelling of the domain", nil, func(t *oauth.Token) { t.APIDomain += "/" }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			source, target := user(1), user(1)
			if c.source != nil {
				c.source(&source)
			}
			if c.target != nil {
				c.target(&target)
			}
			to := filled(t, target)
			before := all(t, to)
			report, err := transfer.Copy(context.Background(), newFixed(t, source), to, transfer.Config{})
			sums(t, report)
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if c.want != nil {
				if !slices.Equal(all(t, to), before) {
					t.Error("a refused token changed the target")
				}
				if n := strings.Count(err.Error(), "Overwrite"); n != 1 || strings.Contains(err.Error(), "meanwhile") {
					t.Errorf("%q does not say what to do", err)
				}
			}
			report = copied(t, newFixed(t, source), to, transfer.Config{Overwrite: true})
			if got := get(t, to, "1"); got.Row() != source.Row() {
				t.Errorf("after overwriting the target has %v, want %v; %v", got, source, report)
			}
		})
	}
}

// TestCopyRefusesAnotherEnvironment, also where overwriting is wanted.
func TestCopyRefusesAnotherEnvironment(t *testing.T) {
	sandbox := user(1)
	sandbox.APIDomain = "https://sandbox.zohoapis.com"
	for _, overwrite := range []bool{false, true} {
		to := filled(t, sandbox)
		report, err := transfer.Copy(context.Background(), newFixed(t, users(1, 3)...), to, transfer.Config{Overwrite: overwrite})
		if !errors.Is(err, oauth.ErrMismatch) || len(report.Refused) != 1 || report.Inserted != 1 {
			t.Errorf("%v, %v; want user1 refused with %v", report, err, oauth.ErrMismatch)
		}
		if got := get(t, to, "1"); got.APIDomain != sandbox.APIDomain {
			t.Errorf("the target's sandbox token is now %v", got)
		}
	}
}

// TestCopyRefusedTokensDoNotStopTheOthers, wherever in a batch they are.
func TestCopyRefusedTokensDoNotStopTheOthers(t *testing.T) {
	unfit := []string{"user1", "user2", "user17", "user40", "user99", "user100"}
	long := &oauth.ValueError{Column: "refresh_token", Reason: "it is longer than 255 characters"}
	for _, size := range []int{0, 1, 7, 50} {
		for name, hide := range map[string]func(oauth.Store) oauth.Store{
			"batch":  func(s oauth.Store) oauth.Store { return s },
			"single": func(s oauth.Store) oauth.Store { return single{s} },
		} {
			t.Run(fmt.Sprint(name, size), func(t *testing.T) {
				rows := users(1, 101)
				rows[30].RefreshToken = oauth.NewSecret("line\nbreak")
				rows[31] = oauth.Token{ID: "32", UserName: "user32"}
				to := hide(newFaulty(refusing(long, unfit...)))
				report, err := transfer.Copy(context.Background(), newFixed(t, rows...), to, transfer.Config{BatchSize: size})
				sums(t, report)
				counts(t, report, 100-len(unfit)-2, 0, 0)
				var incomplete *transfer.IncompleteError
				if !errors.As(err, &incomplete) || !slices.Equal(incomplete.Refused, report.Refused) || incomplete.Read != 100 {
					t.Fatalf("%v, want an *IncompleteError with the refusals of %v", err, report)
				}
				var got []string
				for _, r := range report.Refused {
					got = append(got, r.UserName)
				}
				if want := []string{"user1", "user2", "user17", "user31", "user32", "user40", "user99", "user100"}; !slices.Equal(got, want) {
					t.Errorf("refused are %v, want %v", got, want)
				}
				if !errors.Is(err, oauth.ErrInvalidValue) || !errors.Is(err, oauth.ErrIncompleteKey) {
					t.Errorf("%v, want the refusals within", err)
				}
				if text := err.Error(); strings.Contains(text, "r.user") || strings.Contains(text, "break\"") || !strings.Contains(text, "8 of 100") || !strings.Contains(text, "and 5 more") {
					t.Errorf("error text %q", text)
				}
				if n := len(all(t, to)); n != 92 {
					t.Errorf("the target holds %d tokens, want 92", n)
				}
			})
		}
	}
}

func TestCopyStopOnError(t *testing.T) {
	long := &oauth.ValueError{Column: "refresh_token", Reason: "too long"}
	for name, rows := range map[string]func() []oauth.Token{
		"refused by the target": func() []oauth.Token { return users(1, 101) },
		"refused before": func() []oauth.Token {
			rows := users(1, 101)
			rows[49].RedirectURL = "two\nlines"
			return rows
		},
	} {
		t.Run(name, func(t *testing.T) {
			to := newFaulty(refusing(long, "user50"))
			report, err := transfer.Copy(context.Background(), newFixed(t, rows()...), to, transfer.Config{BatchSize: 20, StopOnError: true})
			var incomplete *transfer.IncompleteError
			if !errors.As(err, &incomplete) || len(report.Refused) != 1 || report.Refused[0].ID != "50" {
				t.Fatalf("%v, %v; want user50 refused alone", report, err)
			}
			sums(t, report)
			if n := len(all(t, to)); n != 59 || report.Inserted != 59 {
				t.Errorf("the target holds %d tokens, want 59, of three batches; %v", n, report)
			}
		})
	}
}

func TestCopyDryRun(t *testing.T) {
	renewed, nameless, unfit := user(2), user(7), user(8)
	renewed.AccessToken, renewed.Expiry = oauth.NewSecret("renewed"), noon().Add(time.Hour)
	nameless.UserName = ""
	unfit.RedirectURL = "two\nlines"
	rows := []oauth.Token{user(1), renewed, user(3), nameless, unfit}
	occupant := user(30)
	occupant.ID = "3"
	to := newFaulty(func([]oauth.Token) error { return errors.New("written") })
	if err := to.Store.SaveAll(context.Background(), slices.Values([]oauth.Token{user(1), user(2), occupant})); err != nil {
		t.Fatal(err)
	}
	before := all(t, to)
	report, err := transfer.Copy(context.Background(), newFixed(t, rows...), to, transfer.Config{DryRun: true})
	if !errors.Is(err, oauth.ErrInvalidValue) || len(report.Refused) != 1 {
		t.Errorf("%v, %v; want user8 refused", report, err)
	}
	counts(t, report, 2, 1, 1)
	sums(t, report)
	if want := []transfer.IDChange{{From: "3", UserName: "user3"}}; !slices.Equal(report.Renumbered, want) {
		t.Errorf("renumbered are %v, want %v", report.Renumbered, want)
	}
	if !slices.Equal(all(t, to), before) {
		t.Error("a dry run changed the target")
	}
}
