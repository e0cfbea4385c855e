package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
	"zohocrm/oauth/observe/audit"
	"zohocrm/store/open"
)

// tokenImportOptions are the parsed command line of "zcrm token import".
type tokenImportOptions struct {
	app  *app
	file string // "-": stdin
}

func newTokenImportCmd(a *app) *cobra.Command {
	o := tokenImportOptions{app: a}
	return &cobra.Command{
		Use:   "import [FILE]",
		Short: "Import tokens from JSON",
		Long: `Import tokens from JSON, from FILE or stdin: one object or an array of them, with
the column names of Zoho's SDKs (user_name, client_id, client_secret,
refresh_token, ...) as "token export --reveal" prints them, or a rescue file of
"login". A user who is stored already takes the imported values; an id is kept if
it is free. All objects are checked before the first is saved.`,
		Example: `  zcrm token import tokens.json
  zcrm token import ~/.local/state/zcrm/rescue-20260102T030405.000Z.json
  zcrm --store csv:old.csv token export --reveal | zcrm --store csv:new.csv token import`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("it takes one file")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = "-"
			if len(args) == 1 {
				o.file = args[0]
			}
			return runTokenImport(cmd.Context(), o)
		},
	}
}

func runTokenImport(ctx context.Context, o tokenImportOptions) error {
	tokens, err := o.read()
	if err != nil {
		return err
	}
	store, err := o.app.openStore(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := oauth.MayKeep(ctx, store); err != nil {
		return err
	}
	var saved []oauth.Token
	for i, t := range tokens {
		row, err := o.importOne(ctx, store, t)
		if err != nil {
			return fmt.Errorf("object %d of %d, %d saved before it: %w", i+1, len(tokens), i, err)
		}
		saved = append(saved, row)
	}
	if o.app.set.json {
		return o.app.printJSON(viewsOf(saved))
	}
	for _, t := range saved {
		if err := o.app.printLine(fmt.Sprintf("imported %s (id %s)", nameOf(t), t.ID)); err != nil {
			return err
		}
	}
	return nil
}

func (o tokenImportOptions) read() ([]oauth.Token, error) {
	var in io.Reader = o.app.in
	if o.file != "-" {
		f, err := os.Open(o.file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return readPortable(in)
}

// importOne saves a token, on record, under its own id if nobody has it.
func (o tokenImportOptions) importOne(ctx context.Context, store *open.Store, t oauth.Token) (saved oauth.Token, err error) {
	if t.ID != "" {
		_, err := store.Get(ctx, t.ID)
		switch {
		case err == nil:
			t.ID = ""
		case !errors.Is(err, oauth.ErrNotFound):
			return oauth.Token{}, err
		}
	}
	e := o.app.entryOf(audit.Import, t)
	e.From = o.file
	err = o.app.onRecord(e, func() error {
		saved, err = store.Save(ctx, t)
		return err
	})
	return saved, err
}
