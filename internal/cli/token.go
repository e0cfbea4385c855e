package cli

import "github.com/spf13/cobra"

func newTokenCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Look after the stored tokens",
		Long: `Look after the stored tokens. Secrets appear as fingerprints ("sha256:" and 12
digits), except where "token get" or "token export --reveal" is asked for them.

With one user in the store --user may be left out.`,
		Example: "  zcrm token list\n  zcrm token get --user alice@example.com:10001",
		Args:    noCommand,

		SuggestionsMinimumDistance: 2,

		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newTokenGetCmd(a), newTokenListCmd(a), newTokenShowCmd(a), newTokenRefreshCmd(a), newTokenRevokeCmd(a),
		newTokenDeleteCmd(a), newTokenClearCmd(a), newTokenImportCmd(a), newTokenExportCmd(a), newTokenPurgeCmd(a))
	return cmd
}
