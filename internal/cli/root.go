package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const rootLong = `zcrm connects Zoho users once, keeps their OAuth tokens, renews them by itself,
and makes CRM calls with them.

Environment, after flags and before defaults:
  ZCRM_STORE          where tokens are kept     (--store)
  ZCRM_STORE_PASSWORD password of that server, if its URL has none
  ZCRM_CLIENT_ID      client ID                 (--client-id)
  ZCRM_CLIENT_SECRET  client secret             (--client-secret-file)
  ZCRM_DC             data centre               (--dc)
  ZCRM_ENV            kind of organisation      (--env)
  ZCRM_ACCOUNTS_URL   another accounts server   (--accounts-url)
  ZCRM_API_URL        and its CRM API           (--api-url)
  ZCRM_KEYS           keys that seal the store  (--keys)
  ZCRM_AUDIT          a record of what was done (--audit)
  NO_COLOR            set: no colours

The default store is sqlite: in a file of your own state folder:
$XDG_STATE_HOME/zcrm/tokens.db or ~/.local/state/zcrm/tokens.db, on Windows and
macOS in the folder zcrm beside other programs' settings. Other stores are csv:,
mysql://, postgres:// and redis://, see: zcrm store --help

`

const rootExample = `  zcrm demo                            # see it all, without an account
  zcrm login                           # connect a user, in the browser
  zcrm token get                       # a valid access token
  zcrm records list Leads              # the CRM's records, as a table
  zcrm query "select Last_Name, Company from Leads where Company like 'A%'"
  zcrm api /crm/v8/users -q type=CurrentUser
  zcrm exec -- ./my-program            # with ZOHO_ACCESS_TOKEN set`

func newRootCmd(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "zcrm",
		Short:         "Zoho CRM tokens, kept and renewed",
		Long:          rootLong + exitHelp,
		Example:       rootExample,
		SilenceErrors: true, // fail prints them
		SilenceUsage:  true,
		Args:          noCommand,

		SuggestionsMinimumDistance: 2,

		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.prepare(cmd) },
	}
	// Before the completion commands are made: they keep the writer of that moment.
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	a.flags.register(root.PersistentFlags())
	a.completeGlobals(root)
	root.SetHelpCommand(newHelpCmd())
	root.AddCommand(newDemoCmd(a), newLoginCmd(a), newTokenCmd(a), newStatusCmd(a), newStoreCmd(a), newKeysCmd(a), newRecordsCmd(a), newQueryCmd(a), newModulesCmd(a), newFieldsCmd(a), newBulkCmd(a), newAPICmd(a), newExecCmd(a), newSimCmd(a), newStormCmd(a), newStormWorkerCmd(a), newVersionCmd(a))
	root.InitDefaultCompletionCmd()
	strictCompletion(root)
	return root
}

// newHelpCmd is cobra's help, but a word that is no command is wrong usage.
func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND...]",
		Short:   "Show the help of a command",
		Example: "  zcrm help token get",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noCommand(found, append(rest, args...))
			}
			found.InitDefaultHelpFlag() // as --help would have, for the list of flags
			return found.Help()
		},
	}
}

// strictCompletion makes wrong words after "completion" wrong usage too.
func strictCompletion(root *cobra.Command) {
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	completion.Args = noCommand
	completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	for _, shell := range completion.Commands() {
		shell.Args = noArgs("")
	}
}

// prepare resolves the settings before the command runs.
func (a *app) prepare(cmd *cobra.Command) error {
	if err := noEmpty(cmd.Flags()); err != nil {
		return err
	}
	set, err := a.flags.resolve(cmd.Flags(), a.getenv)
	a.set = set
	return err
}

// noEmpty refuses flags that were given with nothing in them, as by an unset
// variable of a script: --user "$CUSTOMER" must not mean whoever is there. Some
// say something by being empty: no client, no redirect URL, no data.
func noEmpty(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		if err == nil && f.Value.Type() == "string" && f.Value.String() == "" && !slices.Contains([]string{"client-id", "client-secret", "redirect-url", "data"}, f.Name) {
			err = usagef("--%s is empty: give it a value, or leave it out", f.Name)
		}
	})
	return err
}

// noCommand refuses words that are no command, and suggests one. What was typed
// is shown only if it looks like a command's name: it could be a pasted secret.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := "no such command"
	if word := args[0]; len(word) <= 20 && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz-") == "" {
		text += ` "` + word + `"`
		if near := cmd.SuggestionsFor(word); len(near) > 0 {
			text += `; did you mean "` + strings.Join(near, `" or "`) + `"?`
		}
	}
	return usagef("%s", text)
}

// noArgs refuses arguments without repeating them. hint says where they belong.
func noArgs(hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return nil
		case hint != "":
			return usagef("it takes no arguments: %s", hint)
		}
		return usagef("it takes no arguments")
	}
}

// flagError says what is wrong with a flag and never repeats a value that could
// be a secret.
func flagError(_ *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var bad *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usagef("unknown flag -%s", unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		if name := unknown.GetSpecifiedName(); len(name) <= 20 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") == "" {
			return usagef("unknown flag --%s", name)
		}
		return usagef("unknown flag") // it could be a secret, or end with one
	case errors.As(err, &bad):
		return usagef("--%s: the value is not a %s", bad.GetFlag().Name, bad.GetFlag().Value.Type())
	case errors.As(err, &missing):
		return usagef("--%s: a value is missing", missing.GetFlag().Name)
	}
	return usagef("a flag cannot be read")
}
