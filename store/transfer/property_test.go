package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/transfer"
)

// anyToken has few values to choose from, so that tokens meet in every way.
func anyToken(t *rapid.T) oauth.Token {
	choose := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
	secret := func(name string, values ...string) oauth.Secret {
		return oauth.NewSecret(choose(name, append(values, "")...))
	}
	at := func(name string) time.Time {
		n := rapid.IntRange(0, 3).Draw(t, name)
		if n == 0 {
			return time.Time{}
		}
		return noon().AddDate(0, 0, -n)
	}
	return oauth.Token{
		UserName: choose("user", "ann", "ben", "cat", "dan", "eve", "fay", ""), ClientID: choose("client", "1000.A", "1000.A", "1000.B", ""),
		ClientSecret: secret("secret", "s1", "s1", "s2"), RedirectURL: choose("redirect", "https://example.com", ""),
		GrantToken: secret("grant", "g1", "g2", "g3", ""), RefreshToken: secret("refresh", "r1", "r2", "r3", "r4", "r5", "r6"),
		AccessToken: secret("access", "a1", "a2", "a3", "a4", "a5"), Expiry: at("expiry"),
		APIDomain: choose("domain", "https://www.zohoapis.com", "https://www.zohoapis.com", "https://www.zohoapis.eu", ""),
		Scope:     choose("scope", "ZohoCRM.org.READ", ""), CreatedAt: at("created"), LastUsedAt: at("used"),
	}
}

// anySource is rows as programs and hands may have left them; seldom, some share
// an ID.
func anySource(t *rapid.T) *fixed {
	var rows []oauth.Token
	for i := range rapid.IntRange(0, 12).Draw(t, "rows") {
		row := anyToken(t)
		row.ID = fmt.Sprint(i + 1)
		switch rapid.IntRange(0, 15).Draw(t, "odd ID") {
		case 0:
			row.ID = "1"
		case 1:
			row.ID = "x" + row.ID
		}
		if row.RefreshToken.IsZero() {
			// What else two rows share is no proof that they are of one login.
			row.GrantToken, row.AccessToken = ownSecret(row.GrantToken, i), ownSecret(row.AccessToken, i)
		}
		rows = append(rows, row)
	}
	return newFixed(t, rows...)
}

func ownSecret(s oauth.Secret, i int) oauth.Secret {
	if s.IsZero() {
		return s
	}
	return oauth.NewSecret(fmt.Sprint("own ", s.Reveal(), " ", i))
}

// anyTarget is an empty store or one that holds something, with or without
// abilities.
func anyTarget(t *rapid.T) oauth.Store {
	var to oauth.Store = memory.New(memory.Config{})
	if kind := rapid.IntRange(0, 3).Draw(t, "kind of target"); kind == 0 {
		to = newRenumbering()
	} else if kind == 1 {
		to = single{to}
	}
	if rapid.Bool().Draw(t, "empty") {
		return to
	}
	for range rapid.IntRange(0, 8).Draw(t, "rows there") {
		row := anyToken(t)
		if rapid.Bool().Draw(t, "with ID") {
			row.ID = fmt.Sprint(rapid.IntRange(1, 12).Draw(t, "ID"))
		}
		_, _ = to.Save(context.Background(), row) // what cannot be there is not there
	}
	return to
}

func TestCopyAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := anySource(t), anyTarget(t)
		cfg := transfer.Config{BatchSize: rapid.IntRange(1, 14).Draw(t, "batch size")}
		source, before := slices.Clone(from.rows), all(t, to)

		dry := cfg
		dry.DryRun = true
		report, _ := transfer.Copy(context.Background(), from, to, dry)
		sums(t, report)
		if report.Read != len(source) || !slices.Equal(all(t, to), before) {
			t.Fatalf("a dry run read %d of %d tokens and left %v", report.Read, len(source), all(t, to))
		}

		report = anyCopy(t, from, to, cfg)
		after := all(t, to)
		if report.Read != len(source) || report.Gone > 0 {
			t.Fatalf("%v, want %d read and none gone", report, len(source))
		}
		noTokenLost(t, source, after, report)
		nothingNewerLost(t, source, before, after)

		// What was not refused is finished. What was may find its place when a row
		// without a client has become another client's.
		again := anyCopy(t, from, to, cfg)
		if again.Inserted+again.Updated+len(again.Refused) != len(report.Refused) || len(again.Duplicates) != len(report.Duplicates) {
			t.Fatalf("copied again: %v, before: %v", again, report)
		}
		if again.Inserted+again.Updated == 0 && !slices.Equal(all(t, to), after) {
			t.Fatalf("copied again, the target holds %v, before: %v", all(t, to), after)
		}
		if !slices.Equal(from.rows, source) {
			t.Fatalf("the source was changed")
		}
	})
}

// anyCopy may be incomplete, and nothing else.
func anyCopy(t *rapid.T, from, to oauth.Store, cfg transfer.Config) transfer.Report {
	report, err := transfer.Copy(context.Background(), from, to, cfg)
	sums(t, report)
	var incomplete *transfer.IncompleteError
	if errors.As(err, &incomplete) != (len(report.Refused) > 0) || err != nil && incomplete == nil {
		t.Fatalf("%v, %v", report, err)
	}
	var difference *transfer.DifferenceError
	if errors.As(err, &difference) {
		t.Fatalf("%v, though the target gives back what it was given", difference)
	}
	return report
}

// noTokenLost: each token of the source is in the target or in the report.
func noTokenLost(t *rapid.T, source, after []oauth.Token, report transfer.Report) {
	told := map[string]bool{}
	for _, r := range report.Refused {
		told[r.ID+" "+r.UserName] = true
	}
	for _, d := range report.Duplicates {
		told[d.ID+" "+d.UserName] = true
	}
	ids := map[string]string{}
	for _, c := range report.Renumbered {
		ids[c.From+" "+c.UserName] = c.To
	}
	for _, row := range source {
		if told[row.ID+" "+row.UserName] {
			continue
		}
		id, moved := ids[row.ID+" "+row.UserName]
		if !moved {
			id = row.ID
		}
		i := slices.IndexFunc(after, func(t oauth.Token) bool { return t.ID == id })
		if i < 0 {
			t.Fatalf("%v is neither in the target nor in the report", row)
		}
		want, got := row.Row().Values(), after[i].Row().Values()
		for c, name := range oauth.Columns() {
			if c > 0 && want[c] != "" && got[c] != want[c] && !(name == "expiry_time" && row.AccessToken.IsZero()) {
				t.Fatalf("%s of %v is another one in the target's %v", name, row, after[i])
			}
		}
		if row.Scope != "" && after[i].Scope != row.Scope || row.LastUsedAt.After(after[i].LastUsedAt) {
			t.Fatalf("side data of %v are not in the target", row)
		}
	}
}

// nothingNewerLost: each row of the target is still there, with its secrets or
// with such as are known to be newer.
func nothingNewerLost(t *rapid.T, source, before, after []oauth.Token) {
	for _, was := range before {
		i := slices.IndexFunc(after, func(t oauth.Token) bool { return t.ID == was.ID })
		if i < 0 {
			t.Fatalf("%v is not in the target any more", was)
		}
		is := after[i]
		if was.UserName != "" && is.UserName != was.UserName || was.ClientID != "" && is.ClientID != was.ClientID {
			t.Fatalf("%v has become %v", was, is)
		}
		later := slices.ContainsFunc(source, func(s oauth.Token) bool {
			login := s.RefreshToken == is.RefreshToken && s.RefreshToken != was.RefreshToken && s.CreatedAt.After(was.CreatedAt)
			access := s.AccessToken == is.AccessToken && s.Expiry.After(was.Expiry) && !was.Expiry.IsZero()
			return login || access && (was.RefreshToken.IsZero() || is.RefreshToken == was.RefreshToken)
		})
		for _, secret := range [][2]oauth.Secret{
			{was.RefreshToken, is.RefreshToken}, {was.AccessToken, is.AccessToken}, {was.ClientSecret, is.ClientSecret},
		} {
			if !secret[0].IsZero() && secret[0] != secret[1] && !later {
				t.Fatalf("%v was replaced by %v, which is not known to be newer", was, is)
			}
		}
	}
}

// lifelike is a token of one of a few users, of one of their logins, at one of
// its refreshes: as in life, no secret is of two users, and a later refresh has
// the later expiry.
func lifelike(t *rapid.T) oauth.Token {
	user, login := rapid.IntRange(1, 8).Draw(t, "user"), rapid.IntRange(1, 2).Draw(t, "login")
	refresh := rapid.IntRange(1, 3).Draw(t, "refresh")
	of := fmt.Sprint(user, ".", login)
	row := oauth.Token{
		UserName: fmt.Sprint("user", user), ClientID: "1000.A", APIDomain: "https://www.zohoapis.com",
		GrantToken: oauth.NewSecret("g" + of), RefreshToken: oauth.NewSecret("r" + of),
		AccessToken: oauth.NewSecret(fmt.Sprint("a", of, ".", refresh)), Expiry: noon().Add(time.Duration(10*login+refresh) * time.Hour),
		Scope: "ZohoCRM.org.READ", LastUsedAt: noon().Add(time.Duration(10*login+refresh) * time.Hour),
	}
	if rapid.Bool().Draw(t, "known since") {
		row.CreatedAt = noon().Add(time.Duration(10*login) * time.Hour)
	}
	if rapid.IntRange(0, 4).Draw(t, "nameless") == 0 {
		row.UserName = ""
	}
	if rapid.IntRange(0, 4).Draw(t, "no grant") == 0 {
		row.GrantToken = oauth.Secret{}
	}
	return row
}

// TestCopyInterrupted: with an interruption anywhere, the target ends as it does
// without.
func TestCopyInterrupted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows, there []oauth.Token
		for i := range rapid.IntRange(0, 12).Draw(t, "rows") {
			row := lifelike(t)
			row.ID = fmt.Sprint(i + 1)
			rows = append(rows, row)
		}
		for range rapid.IntRange(0, 5).Draw(t, "rows there") {
			there = append(there, lifelike(t))
		}
		from := newFixed(t, rows...)
		cfg := transfer.Config{BatchSize: rapid.IntRange(1, 6).Draw(t, "batch size"), Overwrite: rapid.Bool().Draw(t, "overwrite")}
		until, writes := rapid.IntRange(1, 10).Draw(t, "write that fails"), 0
		away := func([]oauth.Token) error {
			if writes++; writes == until {
				return fmt.Errorf("%w: connection lost", oauth.ErrStoreUnavailable)
			}
			return nil
		}
		calm, troubled := memory.New(memory.Config{}), newFaulty(away)
		for _, row := range there {
			_, _ = calm.Save(context.Background(), row) // what cannot be there is not there
			_, _ = troubled.Store.Save(context.Background(), row)
		}
		report := anyCopy(t, from, calm, cfg)
		_, err := transfer.Copy(context.Background(), from, troubled, cfg)
		if writes >= until && !errors.Is(err, oauth.ErrStoreUnavailable) {
			t.Fatalf("%v, want %v", err, oauth.ErrStoreUnavailable)
		}
		writes = until
		again := anyCopy(t, from, troubled, cfg)
		if want, got := content(t, calm), content(t, troubled); want != got {
			t.Fatalf("interrupted and copied again (%v), the target holds\n%s\nwithout (%v)\n%s", again, got, report, want)
		}
	})
}

// content is what a store holds, IDs and the store's own times aside.
func content(t failer, s oauth.Store) string {
	var lines []string
	for _, row := range all(t, s) {
		row.ID = ""
		lines = append(lines, row.String()+" "+row.Row().Version()+" "+row.Scope+" "+row.LastUsedAt.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
