package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"zohocrm/oauth/observe/audit"
	"zohocrm/store/sealed"
)

// tokenDeleteOptions are the parsed command line of "zcrm token delete".
type tokenDeleteOptions struct {
	app    *app
	who    who
	revoke bool
}

func newTokenDeleteCmd(a *app) *cobra.Command {
	o := tokenDeleteOptions{app: a}
	cmd := &cobra.Command{
		Use:   "delete",
		Short: "Delete a stored token",
		Long: `Delete a token from the store. Zoho goes on accepting it wherever else it is kept,
unless --revoke tells Zoho first.`,
		Example: "  zcrm token delete --user alice@example.com:10001 --revoke\n  zcrm token delete --id 2",
		Args:    noArgs("the user is given with --user"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.revoke {
				return runTokenRevoke(cmd.Context(), o.app, o.who)
			}
			return runTokenDelete(cmd.Context(), o)
		},
	}
	o.who.register(a, cmd)
	cmd.Flags().BoolVar(&o.revoke, "revoke", false, "tell Zoho first that the token is worthless")
	return cmd
}

func runTokenDelete(ctx context.Context, o tokenDeleteOptions) error {
	store, err := o.app.openStore(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	row, err := o.who.find(ctx, store, o.app.set)
	if s, ok := store.Unwrap().(*sealed.Store); ok && errors.Is(err, sealed.ErrPlain) {
		row, err = o.who.find(ctx, s.Unwrap(), o.app.set) // nobody's: it can be deleted, and not read
	}
	if err != nil {
		return err
	}
	err = o.app.onRecord(o.app.entryOf(audit.Delete, row), func() error { return store.Delete(ctx, row.ID, row.Version) })
	if err != nil {
		return err
	}
	return o.app.printToken(row, "deleted "+nameOf(row)+"; Zoho was not told")
}
