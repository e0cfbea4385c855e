package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
)

// tokenListOptions are the parsed command line of "zcrm token list".
type tokenListOptions struct{ app *app }

func newTokenListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the stored tokens",
		Long:    "List the stored tokens, without their secrets.",
		Example: "  zcrm token list\n  zcrm token list --json",
		Args:    noArgs(""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTokenList(cmd.Context(), tokenListOptions{a}) },
	}
}

func runTokenList(ctx context.Context, o tokenListOptions) error {
	store, err := o.app.openStore(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	all, err := oauth.All(ctx, store)
	if err != nil {
		return err
	}
	if o.app.set.json {
		return o.app.printJSON(viewsOf(all))
	}
	if len(all) == 0 {
		o.app.tell("zcrm: %s is empty; connect a user: zcrm login", o.app.set.storeURL)
		return nil
	}
	var rows [][]string
	for _, t := range all {
		rows = append(rows, []string{t.ID, t.UserName, t.ClientID, t.APIDomain, t.RefreshToken.Fingerprint(), left(t.Expiry, o.app.now())})
	}
	_, err = fmt.Fprintln(o.app.out, tableOf([]string{"id", "user", "client", "api domain", "refresh token", "access token"}, rows))
	return err
}
