package cli

import (
	"context"

	"github.com/spf13/cobra"
)

// tokenRevokeOptions are the parsed command line of "zcrm token revoke".
type tokenRevokeOptions struct {
	app *app
	who who
}

func newTokenRevokeCmd(a *app) *cobra.Command {
	o := tokenRevokeOptions{app: a}
	cmd := &cobra.Command{
		Use:   "revoke",
		Short: "Disconnect a user: tell Zoho, then delete",
		Long: `Disconnect a user: the token is marked as revoked, which ends its use in all
programs that share the store; Zoho is told that it and its access tokens are
worthless; and then the row is deleted. If Zoho cannot be told, the row stays,
marked, until this command or the next program that meets it tells Zoho.`,
		Example: "  zcrm token revoke --user alice@example.com:10001",
		Args:    noArgs("the user is given with --user"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTokenRevoke(cmd.Context(), o.app, o.who) },
	}
	o.who.register(a, cmd)
	return cmd
}

func runTokenRevoke(ctx context.Context, a *app, w who) error {
	s, err := a.openSession(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	row, err := opened(w.find(ctx, s.store, a.set))
	if err != nil {
		return err
	}
	partial, err := a.partial(row)
	if err != nil {
		return err
	}
	if err := s.keeper.Revoke(ctx, partial); err != nil {
		return err
	}
	return a.printToken(row, "revoked and deleted "+nameOf(row))
}
