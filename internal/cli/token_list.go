package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
)

// tokenListOptions are the parsed command line of "zcrm token list".
type tokenListOptions struct{ app *app }

// listedView is a token and how it stands, as --json prints it.
type listedView struct {
	tokenView
	stateView
}

func newTokenListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the stored tokens",
		Long: `List the stored tokens, without their secrets, and how each stands: whether the
user has to log in again, whether refreshes fail and when the next one is tried.`,
		Example: "  zcrm token list\n  zcrm token list --json",
		Args:    noArgs(""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTokenList(cmd.Context(), tokenListOptions{a}) },
	}
}

func runTokenList(ctx context.Context, o tokenListOptions) error {
	l, err := o.app.lookInto(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	all, err := oauth.All(ctx, l.store)
	if err != nil {
		return err
	}
	known, err := standings(ctx, l.store, all)
	if err != nil {
		return err
	}
	if o.app.set.json {
		views := make([]listedView, len(all))
		for i, t := range all {
			views[i] = listedView{viewOf(t), stateViewOf(known[t.SideKey()])}
		}
		return o.app.printJSON(views)
	}
	if len(all) == 0 {
		why, next := o.app.nobody(l)
		o.app.tell("zcrm: %s; %s", why, next)
		return nil
	}
	var rows [][]string
	for _, t := range all {
		state := stateLine(known[t.SideKey()], o.app.now())
		if t.Sealed() {
			state = stateSealed
		}
		rows = append(rows, []string{t.ID, t.UserName, t.ClientID, t.APIDomain, t.RefreshToken.Fingerprint(), left(t.Expiry, o.app.now()), state})
	}
	_, err = fmt.Fprintln(o.app.out, tableOf([]string{"id", "user", "client", "api domain", "refresh token", "access token", "state"}, rows))
	return err
}
