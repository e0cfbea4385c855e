package cli

import "github.com/spf13/cobra"

func newStoreCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Move tokens between stores, and examine a store",
		Long: `Move tokens between stores, and examine a store.

` + storeHelp,
		Example: "  zcrm store copy --from csv:tokens.csv --to sqlite:tokens.db",
		Args:    noCommand,

		SuggestionsMinimumDistance: 2,

		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newStoreCopyCmd(a), newStoreCheckCmd(a), newStoreSealCmd(a, false), newStoreSealCmd(a, true))
	return cmd
}
