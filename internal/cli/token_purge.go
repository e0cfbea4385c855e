package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
	"zohocrm/oauth/observe/audit"
)

// tokenPurgeOptions are the parsed command line of "zcrm token purge".
type tokenPurgeOptions struct {
	app    *app
	idle   days
	older  days
	dryRun bool
	revoke bool
}

func newTokenPurgeCmd(a *app) *cobra.Command {
	o := tokenPurgeOptions{app: a}
	cmd := &cobra.Command{
		Use:   "purge",
		Short: "Delete tokens that nobody uses any more",
		Long: `Delete tokens that were not active for long (--idle), or whose login is long ago
(--older); with both, those for which either holds. A token is active when it is
handed out, which is noted once an hour, refreshed, or logged in. Of a token that
another program wrote nothing is known: it stays, and is counted.

Durations are days (90d), or as in 36h and 90m. --dry-run deletes nothing and lists
what would go. With --revoke Zoho is told of each one first.`,
		Example: "  zcrm token purge --idle 90d --dry-run\n  zcrm token purge --idle 90d --older 365d --revoke",
		Args:    noArgs(""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTokenPurge(cmd.Context(), o) },
	}
	cmd.Flags().Var(&o.idle, "idle", "not active for this long")
	cmd.Flags().Var(&o.older, "older", "logged in longer ago than this")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "delete nothing; list what would go")
	cmd.Flags().BoolVar(&o.revoke, "revoke", false, "tell Zoho first that the tokens are worthless")
	return cmd
}

func runTokenPurge(ctx context.Context, o tokenPurgeOptions) error {
	if o.idle <= 0 && o.older <= 0 {
		return usagef("say which: --idle 90d for tokens that were not active for 90 days, --older 365d for old logins")
	}
	s, err := o.app.openSession(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	var due []oauth.Token
	unknown := 0
	for t, err := range s.store.List(ctx) {
		if err != nil {
			return err
		}
		switch active := lastActive(t); {
		case active.IsZero():
			unknown++
		case o.due(t, active):
			due = append(due, t)
		}
	}
	if unknown > 0 {
		o.app.tell("zcrm: of %s it is not known when it was last used; another program wrote them, and they stay", count(unknown, "token"))
	}
	gone := due
	if !o.dryRun {
		gone, err = s.purge(ctx, due, o.revoke)
	}
	if printed := o.print(gone); err == nil {
		err = printed
	}
	return err
}

// lastActive is when a token was last handed out, refreshed or logged in.
func lastActive(t oauth.Token) time.Time {
	last := t.LastUsedAt
	for _, at := range []time.Time{t.CreatedAt, t.UpdatedAt} {
		if at.After(last) {
			last = at
		}
	}
	return last
}

func (o tokenPurgeOptions) due(t oauth.Token, active time.Time) bool {
	now := o.app.now()
	return o.idle > 0 && now.Sub(active) > time.Duration(o.idle) ||
		o.older > 0 && !t.CreatedAt.IsZero() && now.Sub(t.CreatedAt) > time.Duration(o.older)
}

// purge deletes the tokens that are still as they were listed: one that somebody
// used meanwhile is left.
func (s *session) purge(ctx context.Context, due []oauth.Token, revoke bool) (gone []oauth.Token, err error) {
	if revoke {
		return s.revokeAll(ctx, due)
	}
	for _, t := range due {
		err := s.app.onRecord(s.app.entryOf(audit.Delete, t), func() error { return s.store.Delete(ctx, t.ID, t.Version) })
		switch {
		case err == nil:
			gone = append(gone, t)
		case !errors.Is(err, oauth.ErrConflict) && !errors.Is(err, oauth.ErrNotFound):
			return gone, err
		}
	}
	return gone, nil
}

func (o tokenPurgeOptions) print(gone []oauth.Token) error {
	if o.app.set.json {
		return o.app.printJSON(viewsOf(gone))
	}
	if o.dryRun && len(gone) > 0 {
		var rows [][]string
		for _, t := range gone {
			rows = append(rows, []string{t.ID, t.UserName, t.ClientID, spell(o.app.now().Sub(lastActive(t)).Round(time.Second)) + " ago"})
		}
		if err := o.app.printLine(tableOf([]string{"id", "user", "client", "last active"}, rows)); err != nil {
			return err
		}
	}
	word := "deleted"
	switch {
	case o.dryRun:
		word = "would delete"
	case o.revoke:
		word = "revoked and deleted"
	}
	return o.app.printLine(word + " " + count(len(gone), "token"))
}

// days is a duration that can be given in days: 90d.
type days time.Duration

func (d *days) String() string {
	if *d == 0 {
		return ""
	}
	return spell(time.Duration(*d))
}

func (d *days) Type() string { return "duration" }

func (d *days) Set(text string) error {
	if n, ok := strings.CutSuffix(text, "d"); ok {
		whole, err := strconv.ParseUint(n, 10, 16)
		if err != nil {
			return fmt.Errorf("want days such as 90d, or hours such as 36h")
		}
		*d = days(time.Duration(whole) * 24 * time.Hour)
		return nil
	}
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 {
		return fmt.Errorf("want days such as 90d, or hours such as 36h")
	}
	*d = days(v)
	return nil
}
