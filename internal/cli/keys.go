package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
	"zohocrm/oauth/observe/audit"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

const keysLong = `Make and look after the keys with which --keys encrypts the secrets of a store.

A source of keys is a file that only its owner can read (PATH or file:PATH), or an
environment variable (env:NAME) that holds such a file in base64. Every command
takes --keys SOURCE ($ZCRM_KEYS), which seals the store that it uses: what is saved
is encrypted, plain rows are read and encrypted when they are next saved. Zoho's
official SDKs cannot read encrypted rows.

Who loses the keys loses the tokens: keep a copy, and not beside the tokens'
backups.`

func newKeysCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Keys that encrypt tokens at rest",
		Long:  keysLong,
		Example: `  zcrm keys create --out keys.json
  export ZCRM_KEYS=keys.json
  zcrm store seal                       # encrypt what is there
  zcrm keys rotate && zcrm store seal   # a new key, and all rows under it
  zcrm keys retire 123456789            # the old one is not needed any more`,
		Args: noCommand,

		SuggestionsMinimumDistance: 2,

		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeysCreateCmd(a), newKeysListCmd(a, "list", "List the keys of a source", keys.List),
		newKeysListCmd(a, "check", "Prove that each key works, and that every row has its key", keys.Check), newKeysRotateCmd(a), newKeysRetireCmd(a))
	return cmd
}

func newKeysCreateCmd(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "create --out FILE",
		Short: "Make a file with a new key",
		Long: `Make a file with a new key, which only you can read. A file that is there is left
alone: to replace a key, use "keys rotate".`,
		Example: "  zcrm keys create --out ~/.config/zcrm-keys.json",
		Args:    noArgs("the file is given with --out"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("say where: --out FILE")
			}
			id, err := keys.Create(cmd.Context(), out, a.keysConfig())
			if err != nil {
				return err
			}
			if a.set.json {
				return a.printJSON(keyView{ID: id.String(), Primary: true})
			}
			return a.printLine(fmt.Sprintf("made key %s in %s: keep a copy where the tokens' backups are not; next: export ZCRM_KEYS=%s", id, out, out))
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "`FILE` to make")
	return cmd
}

// keyView is a key as --json prints it.
type keyView struct {
	ID       string `json:"id"`
	Primary  bool   `json:"primary"`
	Created  string `json:"created_at,omitempty"`
	Promoted string `json:"promoted_at,omitempty"`
	Rows     *int   `json:"rows,omitempty"` // of the store; only by "check"
}

// newKeysListCmd is "keys list" and "keys check", which differ in what they do
// with each key.
func newKeysListCmd(a *app, use, short string, look func(context.Context, string, keys.Config) ([]keys.Info, error)) *cobra.Command {
	long := short + `. The primary seals what is written; the others only read.`
	if use == "check" {
		long += `
The store is read, and each row's key is looked for: a row whose key is lost ends
the command with 1 and is named.`
	}
	return &cobra.Command{
		Use: use, Short: short, Long: long,
		Example: "  zcrm keys " + use + " --keys keys.json",
		Args:    noArgs("the source is given with --keys"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			source, err := a.keySource()
			if err != nil {
				return err
			}
			all, err := look(cmd.Context(), source, a.keysConfig())
			if err != nil {
				return err
			}
			if use == "list" {
				return a.printKeys(all, nil)
			}
			return a.checkRows(cmd.Context(), all)
		},
	}
}

func (a *app) keySource() (string, error) {
	if a.set.keys == "" {
		return "", usagef("say which keys: --keys SOURCE or ZCRM_KEYS; a new file: zcrm keys create --out FILE")
	}
	return a.set.keys, nil
}

// checkRows counts the rows of each key, and finds those whose key is lost.
func (a *app) checkRows(ctx context.Context, all []keys.Info) error {
	l, err := a.lookAt(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	store, ok := l.store.(*sealed.Store)
	if !ok { // there is no store yet
		return a.printKeys(all, &sealed.Census{})
	}
	census, err := store.Census(ctx)
	if err != nil {
		return err
	}
	if err := a.printKeys(all, &census); err != nil {
		return err
	}
	missing, err := sealed.MissingKeys(ctx, store)
	if err != nil || len(missing) == 0 {
		return err
	}
	m := missing[0]
	return advise(fmt.Errorf("%s need key %s, which is lost, the first of them id %s, user %q", count(m.Rows, "row"), m.Key, m.Some[0].ID, m.Some[0].UserName),
		"restore the key from a copy, or have those users log in again")
}

// printKeys lists keys, with the rows of each if they were counted.
func (a *app) printKeys(all []keys.Info, census *sealed.Census) error {
	views, rows := make([]keyView, len(all)), make([][]string, len(all))
	heading := []string{"key", "primary", "made"}
	if census != nil {
		heading = append(heading, "rows")
	}
	for i, k := range all {
		views[i] = keyView{ID: k.ID.String(), Primary: k.Primary, Created: rfc3339(k.Created), Promoted: rfc3339(k.Promoted)}
		mark := ""
		if k.Primary {
			mark = "yes"
		}
		rows[i] = []string{k.ID.String(), mark, rfc3339(k.Created)}
		if census != nil {
			n := census.Keys[k.ID]
			views[i].Rows = &n
			rows[i] = append(rows[i], strconv.Itoa(n))
		}
	}
	if a.set.json {
		return a.printJSON(views)
	}
	fmt.Fprintln(a.out, tableOf(heading, rows))
	if census == nil {
		return nil
	}
	line := fmt.Sprintf("%s in the store, %d of them plain", count(census.Rows, "row"), census.Plain)
	if census.Plain > 0 {
		line += "; seal them: zcrm store seal"
	}
	return a.printLine(line)
}

func newKeysRotateCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rotate",
		Short: "Add a new key, with which everything is sealed from now on",
		Long: `Add a new key to the file, with which everything is sealed from now on. The old keys
stay and go on reading; programs that run notice the new one within a second. Rows
are sealed anew when they are next written, or all at once by "store seal".`,
		Example: "  zcrm keys rotate --keys keys.json\n  zcrm store seal --keys keys.json",
		Args:    noArgs("the file is given with --keys"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			source, err := a.keySource()
			if err != nil {
				return err
			}
			e := audit.Entry{Event: oauth.Event{Kind: audit.Rotate}}
			if err := a.note(e); err != nil {
				return err
			}
			id, err := keys.Rotate(cmd.Context(), source, a.keysConfig())
			if err == nil {
				e.Key = id.String()
			}
			a.ended(e, err)
			if err != nil {
				return err
			}
			if a.set.json {
				return a.printJSON(keyView{ID: id.String(), Primary: true})
			}
			return a.printLine(fmt.Sprintf("key %s is the primary now; next: zcrm store seal, for each store that these keys seal", id))
		},
	}
}

func newKeysRetireCmd(a *app) *cobra.Command {
	force := false
	cmd := &cobra.Command{
		Use:   "retire ID",
		Short: "Throw an old key away",
		Long: `Throw an old key away, for good. It is refused while rows of the store need it, and
when the store has no row that these keys seal, for then it is probably another one.
Only the store of --store is looked at: if the keys seal several, seal each anew
first. --force looks at none; what needs the key is lost.`,
		Example: "  zcrm keys list\n  zcrm keys retire 123456789",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("give the key's ID; see: zcrm keys list")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.retireKey(cmd.Context(), args[0], force) },
	}
	cmd.Flags().BoolVar(&force, "force", false, "even if rows need it")
	return cmd
}

func (a *app) retireKey(ctx context.Context, text string, force bool) error {
	source, err := a.keySource()
	if err != nil {
		return err
	}
	id, err := keys.ParseID(text)
	if err != nil {
		return usagef("%v", err)
	}
	r := keys.Retirement{ID: id, Force: force}
	if !force {
		l, err := a.lookAt(ctx) // a mistyped address is not made a store
		if err != nil {
			return err
		}
		defer l.close()
		r.InUse = func(ctx context.Context, id keys.ID) (int, error) { return a.inUse(ctx, l.store, id) }
	}
	retired := audit.Entry{Event: oauth.Event{Kind: audit.Retire}, Key: id.String()}
	if err := a.onRecord(retired, func() error { return keys.Retire(ctx, source, r, a.keysConfig()) }); err != nil {
		return err
	}
	if a.set.json {
		return a.printJSON(keyView{ID: id.String()})
	}
	return a.printLine(fmt.Sprintf("key %s is gone", id))
}

// inUse counts the rows that need a key. A store that these keys do not seal shows
// nothing of those that they do.
func (a *app) inUse(ctx context.Context, store oauth.Store, id keys.ID) (int, error) {
	set, err := a.keySet(ctx)
	if err != nil {
		return 0, err
	}
	if s, ok := store.(*sealed.Store); ok {
		census, err := s.Census(ctx)
		if err != nil {
			return 0, err
		}
		for key := range census.Keys {
			if _, ours := set.Look().Key(key); ours {
				return census.Keys[id], nil
			}
		}
	}
	return 0, advise(fmt.Errorf("no row of %s is sealed with these keys", a.storeName()), "name the store that is, with --store, or add --force")
}
