package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

// tokenRefreshOptions are the parsed command line of "zcrm token refresh".
type tokenRefreshOptions struct {
	app *app
	who who
}

func newTokenRefreshCmd(a *app) *cobra.Command {
	o := tokenRefreshOptions{app: a}
	cmd := &cobra.Command{
		Use:   "refresh",
		Short: "Get a new access token from Zoho",
		Long: `Get a new access token from Zoho and save it, even if the stored one still lives.
It is seldom needed: "token get" refreshes by itself, and Zoho gives ten access
tokens in ten minutes.`,
		Example: "  zcrm token refresh --user alice@example.com:10001",
		Args:    noArgs("the user is given with --user"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTokenRefresh(cmd.Context(), o) },
	}
	o.who.register(a, cmd)
	return cmd
}

func runTokenRefresh(ctx context.Context, o tokenRefreshOptions) error {
	s, err := o.app.openSession(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	row, err := opened(o.who.find(ctx, s.store, o.app.set))
	if err != nil {
		return err
	}
	partial, err := o.app.partial(row)
	if err != nil {
		return err
	}
	t, err := s.keeper.Refresh(ctx, partial)
	if err != nil {
		return err
	}
	// Saving is half of what was asked for, so it is looked at.
	if stored, err := s.store.Get(ctx, row.ID); err != nil || stored.AccessToken != t.AccessToken {
		return advise(fmt.Errorf("a new access token came and %s did not take it", o.app.storeName()), "mend the store; the refresh token in it is still good")
	}
	return o.app.printToken(t, fmt.Sprintf("refreshed %s: the new access token has %s",
		nameOf(t), left(t.Expiry, s.accounts.Now())))
}
