package cli

import (
	"context"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
)

// tokenExportOptions are the parsed command line of "zcrm token export".
type tokenExportOptions struct {
	app    *app
	who    who
	reveal bool
}

func newTokenExportCmd(a *app) *cobra.Command {
	o := tokenExportOptions{app: a}
	cmd := &cobra.Command{
		Use:   "export --reveal",
		Short: "Print tokens with their secrets, as JSON",
		Long: `Print tokens with their secrets in plain text, as the JSON that "token import"
takes: all of the store as an array, or one object with --user or --id. Whoever
has it can use the accounts, so it needs --reveal.`,
		Example: `  zcrm token export --reveal --user alice@example.com:10001
  (umask 077; zcrm token export --reveal > tokens.json)`,
		Args: noArgs("the user is given with --user"),
		RunE: func(cmd *cobra.Command, _ []string) error { return runTokenExport(cmd.Context(), o) },
	}
	o.who.register(a, cmd)
	cmd.Flags().BoolVar(&o.reveal, "reveal", false, "yes, print the secrets")
	return cmd
}

func runTokenExport(ctx context.Context, o tokenExportOptions) error {
	if !o.reveal {
		return sayf("this prints refresh tokens and client secrets in plain text: add --reveal")
	}
	store, err := o.app.openStore(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if o.who != (who{}) {
		t, err := o.who.find(ctx, store, o.app.set)
		if err != nil {
			return err
		}
		if err := o.app.shown(t); err != nil {
			return err
		}
		return o.app.printJSON(portableOf(t))
	}
	all, err := oauth.All(ctx, store)
	if err != nil {
		return err
	}
	for _, t := range all {
		if _, err := opened(t, nil); err != nil {
			return err
		}
	}
	out := make([]portable, len(all))
	for i, t := range all {
		if err := o.app.shown(t); err != nil {
			return err
		}
		out[i] = portableOf(t)
	}
	return o.app.printJSON(out)
}
