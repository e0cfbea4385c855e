package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
	"zohocrm/oauth/observe/audit"
)

// tokenClearOptions are the parsed command line of "zcrm token clear".
type tokenClearOptions struct {
	app    *app
	yes    bool
	revoke bool
}

func newTokenClearCmd(a *app) *cobra.Command {
	o := tokenClearOptions{app: a}
	cmd := &cobra.Command{
		Use:   "clear",
		Short: "Delete all stored tokens",
		Long: `Delete all tokens of the store, of every user and client. With --revoke Zoho is
told of each one first; a token of which Zoho could not be told stays.`,
		Example: "  zcrm token clear --yes\n  zcrm token clear --yes --revoke",
		Args:    noArgs(""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTokenClear(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "really do it")
	cmd.Flags().BoolVar(&o.revoke, "revoke", false, "tell Zoho first that the tokens are worthless")
	return cmd
}

func runTokenClear(ctx context.Context, o tokenClearOptions) error {
	if !o.yes {
		return sayf("this deletes all tokens of %s: add --yes", o.app.storeName())
	}
	s, err := o.app.openSession(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	all, err := oauth.All(ctx, s.store)
	if err != nil {
		return err
	}
	gone := all
	if o.revoke {
		gone, err = s.revokeAll(ctx, all)
	} else {
		err = s.deleteAll(ctx, all)
	}
	if err != nil {
		return err
	}
	if o.app.set.json {
		return o.app.printJSON(viewsOf(gone))
	}
	word := "deleted"
	if o.revoke {
		word = "revoked and deleted"
	}
	return o.app.printLine(fmt.Sprintf("%s %s", word, count(len(gone), "token")))
}

// deleteAll deletes all, each of them on record.
func (s *session) deleteAll(ctx context.Context, all []oauth.Token) error {
	for _, row := range all {
		if err := s.app.note(s.app.entryOf(audit.Delete, row)); err != nil {
			return err
		}
	}
	err := s.store.DeleteAll(ctx)
	if err != nil {
		s.app.ended(s.app.entryOf(audit.Delete, oauth.Token{}), err)
	}
	return err
}

// revokeAll revokes one after the other and goes on after failures, so that as
// little as possible stays alive.
func (s *session) revokeAll(ctx context.Context, all []oauth.Token) (gone []oauth.Token, err error) {
	var first error
	for _, row := range all {
		if ctx.Err() != nil {
			return gone, ctx.Err()
		}
		partial, err := s.app.partial(row)
		if err == nil {
			err = s.keeper.Revoke(ctx, partial)
		}
		switch {
		case err == nil:
			gone = append(gone, row)
		case first == nil:
			first = err
		}
	}
	if first != nil {
		return gone, advise(fmt.Errorf("%s revoked, %d stay in the store: %w", count(len(gone), "token"), len(all)-len(gone), first), "repeat it later")
	}
	return gone, nil
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	switch {
	case strings.HasSuffix(noun, "s"):
		noun += "e"
	case strings.HasSuffix(noun, "y"):
		noun = noun[:len(noun)-1] + "ie"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
