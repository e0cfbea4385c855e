package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
	"zohocrm/oauth/observe/audit"
	"zohocrm/store/open"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
	"zohocrm/store/transfer"
)

// storeSealOptions are the parsed command line of "zcrm store seal" and "unseal".
type storeSealOptions struct {
	app         *app
	unseal      bool
	yes         bool
	acceptPlain bool // seal rows that are plain though the keys refuse such
}

func newStoreSealCmd(a *app, unseal bool) *cobra.Command {
	o := storeSealOptions{app: a, unseal: unseal}
	cmd := &cobra.Command{
		Use:   "seal",
		Short: "Encrypt all secrets of a store",
		Long: `Encrypt all secrets of the store with the primary key of --keys, in batches, while
other programs read and write; a row that is sealed with it already is passed over,
so an interrupted run is finished by another one. Run it too after "keys rotate".

Afterwards plain rows are refused by all programs that use these keys, in whichever
store, for only somebody without the keys can have written them. So the next run
leaves such rows as they are, and fails; with --accept-plain it seals them, as for a
second store under the same keys, or a row that you know to be right. Keys of a
variable (env:NAME) cannot note that plain rows are refused.

Zoho's official SDKs cannot read sealed rows: you are asked first, unless --yes says
so.`,
		Example: `  zcrm keys create --out keys.json
  zcrm store seal --store csv:tokens.csv --keys keys.json
  zcrm store seal --store mysql: --keys keys.json --accept-plain`,
		Args: noArgs("the store is given with --store, the keys with --keys"),
		RunE: func(cmd *cobra.Command, _ []string) error { return runStoreSeal(cmd.Context(), o) },
	}
	if unseal {
		cmd.Use, cmd.Short = "unseal", "Decrypt all secrets of a store"
		cmd.Long = `Decrypt all secrets of the store, so that it is plain as before and official SDKs can
read it, in batches. Stop the programs that use it with --keys first: what they save
meanwhile is sealed again.`
		cmd.Example = "  zcrm store unseal --store csv:tokens.csv --keys keys.json"
	} else {
		cmd.Flags().BoolVar(&o.acceptPlain, "accept-plain", false, "seal plain rows also where these keys refuse them")
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	return cmd
}

func runStoreSeal(ctx context.Context, o storeSealOptions) error {
	a := o.app
	source, err := a.keySource()
	if err != nil {
		return err
	}
	if err := a.holdsTokens(ctx); err != nil {
		return err
	}
	if err := o.ask(ctx); err != nil {
		return err
	}
	e := audit.Entry{Event: oauth.Event{Kind: audit.Seal}, Store: a.storeName()}
	if o.unseal {
		e.Kind = audit.Unseal
	}
	if err := a.note(e); err != nil {
		return err
	}
	set, err := a.keySet(ctx)
	if err != nil {
		return err
	}
	mode := sealed.Seal
	switch {
	case o.unseal:
		mode = sealed.Unseal
	case set.RefusesPlain() && !o.acceptPlain:
		mode = sealed.Reseal
	}
	noted := !strings.HasPrefix(source, "env:") // a variable cannot be written
	if noted && o.unseal {
		if err := keys.RefusePlain(ctx, source, false, a.keysConfig()); err != nil {
			return err
		}
	}
	store, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	s, ok := store.Unwrap().(*sealed.Store)
	if !ok {
		return fmt.Errorf("the store is not sealed")
	}
	if mode != sealed.Reseal { // a row that cannot be read is met before others are what SDKs, or who has no keys, cannot read
		if _, err := s.Census(ctx); err != nil {
			return err
		}
	}
	cfg := sealed.SealAllConfig{Mode: mode}
	bar, err := a.showRows(ctx, store)
	if err != nil {
		return err
	}
	cfg.Progress = func(r sealed.Report) { bar.told(transfer.Progress{Read: r.Rows, Refused: r.Failed}) }
	began := time.Now()
	report, err := sealed.SealAll(ctx, s, cfg)
	bar.stop(err)
	e.Tokens = report.Changed
	a.ended(e, err)
	if err == nil || report.Rows > 0 {
		if printed := o.print(report, time.Since(began)); err == nil {
			err = printed
		}
	}
	if err == nil && report.Left > 0 {
		err = advise(fmt.Errorf("%s sealed still", count(report.Left, "row")), "keep the keys, or take each out and in again: zcrm token export --reveal, token delete, token import")
	}
	if err == nil && !o.unseal && report.Changed > 0 && kindOf(a.set.storeURL) != "SQLite" && kindOf(a.set.storeURL) != "token file" {
		a.tell("zcrm: the server's own logs, free pages and backups may still hold what was plain; docs/threat-model.md says what to do")
	}
	if err != nil || o.unseal {
		return err
	}
	if !noted {
		if !set.RefusesPlain() {
			a.tell("zcrm: warning: plain rows are still read, for a variable cannot note that they are refused: seal once with the keys in a file, and set the variable to that file's base64")
		}
		return nil
	}
	return keys.RefusePlain(ctx, source, true, a.keysConfig())
}

// holdsTokens is an error if the store of the settings has no token, or is not there
// at all: somebody mistyped its address. Nothing is made.
func (a *app) holdsTokens(ctx context.Context) error {
	l, err := a.lookAt(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	if l.store != nil {
		for _, err := range l.store.List(ctx) {
			if errors.Is(err, oauth.ErrCorrupt) {
				return nil // there is something
			}
			return err
		}
	}
	return advise(fmt.Errorf("%s holds no token", a.storeName()), "see that its address is right, or connect a user first: zcrm login")
}

// ask has a person agree, unless --yes did.
func (o storeSealOptions) ask(ctx context.Context) error {
	if o.yes {
		return nil
	}
	question := fmt.Sprintf("Zoho's official SDKs cannot read %s any more, nor can programs without these keys", open.Redact(o.app.set.storeURL))
	if o.unseal {
		question = fmt.Sprintf("whoever can read %s then has every token in it", open.Redact(o.app.set.storeURL))
	}
	if !isTerminal(o.app.in) {
		return sayf("%s: add --yes if that is what you want", question)
	}
	fmt.Fprintf(o.app.err, "zcrm: %s. Go on? [y/N] ", question)
	answer, err := bufio.NewReader(o.app.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "y") {
		return sayf("nothing was changed: the answer was not yes")
	}
	return ctx.Err()
}

// sealView is what was done, as --json prints it.
type sealView struct {
	Rows    int `json:"rows"`
	Changed int `json:"changed"`
	Right   int `json:"right"`
	Gone    int `json:"gone"`
	Left    int `json:"left"`
	Failed  int `json:"failed"`
}

func (o storeSealOptions) print(r sealed.Report, took time.Duration) error {
	if o.app.set.json {
		return o.app.printJSON(sealView(r))
	}
	word := "sealed"
	if o.unseal {
		word = "unsealed"
	}
	line := fmt.Sprintf("%s %s in %s", word, count(r.Changed, "row"), took.Round(time.Millisecond))
	for _, more := range []struct {
		n    int
		text string
	}{{r.Right, "were so already"}, {r.Left, "stay sealed, for they lack a client secret or an API domain"}, {r.Gone, "were deleted meanwhile"}, {r.Failed, "failed"}} {
		if more.n > 0 {
			line += fmt.Sprintf("; %d %s", more.n, more.text)
		}
	}
	return o.app.printLine(line)
}
