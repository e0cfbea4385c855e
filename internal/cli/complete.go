package cli

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
)

// completeWith gives a flag a fixed list of completions.
func completeWith(cmd *cobra.Command, flag string, values ...string) {
	// It fails only for a flag that does not exist, which every run of the
	// command would show.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func (a *app) completeGlobals(root *cobra.Command) {
	completeWith(root, "dc", append(locations(), "custom")...)
	completeWith(root, "env", "production", "sandbox", "developer")
	completeStores(root, "store")
	completeWith(root, "log-level", "debug", "info", "warn", "error", "off")
}

// completeWho completes --user and --id from the store.
func (a *app) completeWho(cmd *cobra.Command) {
	complete := func(value func(oauth.Token) string) cobra.CompletionFunc {
		return func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return a.stored(cmd, typed, value), cobra.ShellCompDirectiveNoFileComp
		}
	}
	_ = cmd.RegisterFlagCompletionFunc("user", complete(func(t oauth.Token) string { return t.UserName }))
	_ = cmd.RegisterFlagCompletionFunc("id", complete(func(t oauth.Token) string { return t.ID }))
}

// stored lists values of the stored tokens that begin with what was typed. A
// store that cannot be read completes nothing: there is nowhere to say why.
func (a *app) stored(cmd *cobra.Command, typed string, value func(oauth.Token) string) []string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), 2*time.Second)
	defer cancel()
	if a.prepare(cmd) != nil {
		return nil
	}
	a.set.level = levelOff
	if _, err := os.Stat(a.set.storeFolder); a.set.storeFolder != "" && err != nil {
		return nil // pressing Tab makes no store
	}
	store, err := a.openStore(ctx)
	if err != nil {
		return nil
	}
	defer store.Close()
	var found []string
	for t, err := range store.List(ctx) {
		if err != nil || len(found) == 100 {
			break
		}
		if v := value(t); v != "" && strings.HasPrefix(v, typed) {
			found = append(found, v)
		}
	}
	return found
}
