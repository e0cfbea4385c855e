package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
	"zohocrm/oauth/observe/audit"
	"zohocrm/store/check"
	"zohocrm/store/open"
	"zohocrm/store/sealed"
	"zohocrm/store/transfer"
)

// storeCopyOptions are the parsed command line of "zcrm store copy".
type storeCopyOptions struct {
	app       *app
	from, to  string
	dryRun    bool
	overwrite bool
	batch     int
	stop      bool
}

func newStoreCopyCmd(a *app) *cobra.Command {
	o := storeCopyOptions{app: a}
	cmd := &cobra.Command{
		Use:   "copy --from URL --to URL",
		Short: "Copy all tokens of a store into another",
		Long: `Copy all tokens of a store into another of any kind, in batches. Each batch is
read back from the target and compared while the next one is saved. No token of
the source is changed and no table made there, and with --dry-run nothing of the
target.

A token keeps its id where the target can hold it and has not given it to another
one; the others are listed with both ids. A user whom the target has keeps the row
there, which is updated. What is newer in the target is not written over unless
--overwrite says so, and what the target refuses is listed and does not stop the
rest.

A dry run lists what the target would refuse for its length or its characters. It
does not know what only the target can decide: whether it can be written, which IDs
it does not keep though they are free, and what a trigger or a rule of its table
forbids; nor, with --keys, whether a token is still short enough when it is sealed.

An interrupt ends the copy between two batches. Repeat the command to go on: what
is there already and equal is passed over. Repeat it too after programs have used
the source meanwhile, until nothing is inserted or updated.

--keys seals both; a source in which no row is sealed is read without them. With no
keys, no plain token is laid beside sealed ones.

Where the two URLs are of servers and ZCRM_STORE_PASSWORD is set, one of them must
have a password, or a password-file, of its own.

` + storeHelp,
		Example: `  zcrm store copy --from csv:sdk_tokens.txt --to sqlite:tokens.db --dry-run
  zcrm store copy --from csv:sdk_tokens.txt --to mysql://app@db.example.com/zohooauth?password-file=db.txt
  zcrm store copy --from mysql: --to rediss://redis.example.com?password-file=redis.txt --json`,
		Args: noArgs("the stores are given with --from and --to"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("store") {
				return usagef("--store is not used here: give --from and --to")
			}
			return runStoreCopy(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.from, "from", "", "`URL` of the store to copy from")
	f.StringVar(&o.to, "to", "", "`URL` of the store to copy into")
	f.BoolVar(&o.dryRun, "dry-run", false, "copy nothing, and say what would be done")
	f.BoolVar(&o.overwrite, "overwrite", false, "write also over tokens of the target that are newer, or may be")
	f.BoolVar(&o.stop, "stop", false, "end with the first batch of which a token is refused")
	f.IntVar(&o.batch, "batch", 0, "tokens in a batch: `N` from 1 to 1000 (default as many as the target saves at once)")
	completeStores(cmd, "from", "to")
	return cmd
}

func runStoreCopy(ctx context.Context, o storeCopyOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.app.getenv("GOGC") == "" {
		// What a copy throws away goes soon: beside a file of many tokens, which stays
		// in memory, it would be as much again.
		defer debug.SetGCPercent(debug.SetGCPercent(copyGarbage))
	}
	from, to, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err := errors.Join(from.close(), to.close()); err != nil {
			o.app.tell("zcrm: warning: a store did not close well: %v", err)
		}
	}()
	cfg := transfer.Config{BatchSize: o.batch, DryRun: o.dryRun, Overwrite: o.overwrite, StopOnError: o.stop}
	if o.app.set.level <= slog.LevelInfo {
		cfg.Logger = o.app.logger() // who wants to hear it as it happens; the report has it all
	}
	begun := o.app.now()
	// A batch under way is finished after an interrupt, unless that takes long.
	working, cancel := lingering(ctx, copyLinger)
	defer cancel()
	e := audit.Entry{Event: oauth.Event{Kind: audit.Copy}, From: open.Redact(o.from), Store: open.Redact(o.to)}
	if !o.dryRun {
		if err := o.app.note(e); err != nil {
			return err
		}
	}
	progress, err := o.app.showRows(ctx, from.store)
	if err != nil {
		return err
	}
	cfg.Total, cfg.Progress = progress.total, progress.told
	report, err := transfer.Copy(working, ending(from.store, ctx), to.store, cfg)
	progress.stop(err)
	if !o.dryRun {
		e.Tokens = report.Inserted + report.Updated
		o.app.ended(e, err)
	}
	if perr := o.print(report, err == nil, o.app.now().Sub(begun)); perr != nil {
		return perr
	}
	if !o.dryRun && err == nil {
		o.warnOfNumbering(ctx, to.store)
	}
	return o.verdict(ctx, report, err)
}

// warnOfNumbering tells at once what "store check" would: that rows which kept
// their ids stop the official SDKs that share the table.
func (o storeCopyOptions) warnOfNumbering(ctx context.Context, target oauth.Store) {
	i, ok := target.(check.Inspector)
	if !ok {
		return
	}
	found, err := i.Inspect(ctx)
	for _, f := range found {
		if err == nil && f.Code == "sdk-numbering" {
			o.app.tell("zcrm: warning: %s; %s", f.Text, f.Remedy)
		}
	}
}

func (o storeCopyOptions) check() error {
	switch {
	case o.from == "" || o.to == "":
		return usagef("both stores are needed: --from URL --to URL")
	case o.batch < 0 || o.batch > oauth.BatchSize:
		return usagef("--batch: it is a number from 1 to %d", oauth.BatchSize)
	case open.Same(o.from, o.to):
		return sayf("--from and --to are the same store, %s: there is nothing to copy", open.Redact(o.from))
	}
	for _, memory := range []string{"memory:", "sqlite::memory:"} {
		if o.from == memory {
			return sayf("--from %s is a new and empty store: there is nothing to copy", memory)
		}
		if o.to == memory && !o.dryRun {
			return sayf("--to %s is gone when this command ends: choose another store, or add --dry-run", memory)
		}
	}
	return nil
}

// open opens both. The source is a file that must be there already, or a server.
// For a dry run no file is made for the target either.
func (o storeCopyOptions) open(ctx context.Context) (from, to *looked, err error) {
	a := o.app
	if err := o.onePassword(); err != nil {
		return nil, nil, err
	}
	if from, err = a.lookAtURL(ctx, o.from); err != nil {
		return nil, nil, fmt.Errorf("--from: %w", err)
	}
	if what, next := from.absent(o.from); what != "" {
		return nil, nil, errors.Join(sayf("--from: %s; %s", what, next), from.close())
	}
	if err := o.peek(ctx, from); err != nil {
		return nil, nil, errors.Join(err, from.close())
	}
	if o.dryRun {
		to, err = o.lookAtTarget(ctx)
	} else {
		to, err = a.openLooked(ctx, o.to)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--to: %w", err), from.close())
	}
	return from, to, nil
}

// peek reads the first token of the source: nothing is made for the target of a source
// that cannot be read. One in which no row is sealed is a plain store, also for keys that
// refuse plain rows, and is read without them.
func (o storeCopyOptions) peek(ctx context.Context, source *looked) error {
	for _, err := range source.store.List(ctx) {
		s, behindKeys := source.store.(*sealed.Store)
		switch {
		case behindKeys && errors.Is(err, sealed.ErrPlain):
			census, cerr := s.Census(ctx)
			if cerr != nil || census.Plain < census.Rows {
				return fmt.Errorf("--from: %w", cmp.Or(cerr, err))
			}
			source.store = s.Unwrap()
		case errors.Is(err, oauth.ErrCorrupt):
			return advise(fmt.Errorf("--from: %w", err), "nothing was copied; mend that, and copy again")
		case err != nil:
			return fmt.Errorf("--from: %w", err)
		}
		break
	}
	return nil
}

// lookAtTarget opens the target of a dry run. That of a SQLite file which is not there
// is a database in memory, which refuses what the file's would.
func (o storeCopyOptions) lookAtTarget(ctx context.Context) (*looked, error) {
	to, err := o.app.lookAtURL(ctx, o.to)
	if err == nil && strings.HasPrefix(to.missing, "file ") && kindOf(o.to) == "SQLite" {
		return o.app.openLooked(ctx, "sqlite::memory:")
	}
	return to, err
}

// lookAtURL is lookInto for a store other than that of the settings.
func (a *app) lookAtURL(ctx context.Context, storeURL string) (*looked, error) {
	a.set.storeURL, a.set.storeFolder = storeURL, ""
	return a.lookInto(ctx)
}

func (a *app) openLooked(ctx context.Context, storeURL string) (*looked, error) {
	s, err := a.openURL(ctx, storeURL)
	if err != nil {
		return nil, err
	}
	return &looked{store: s.Store, close: s.Close}, nil
}

// onePassword refuses to send the environment's password to two servers, one of
// which it is not for.
func (o storeCopyOptions) onePassword() error {
	if !o.app.set.storePassword.IsZero() && open.NeedsPassword(o.from) && open.NeedsPassword(o.to) {
		return sayf("ZCRM_STORE_PASSWORD is set, and neither --from nor --to has a password of its own: add ?password-file=FILE to one of them")
	}
	return nil
}

// copyGarbage is how much garbage there may be, in percent of what is in use.
const copyGarbage = 40

// copyLinger is how long a batch under way may take after an interrupt.
const copyLinger = 10 * time.Second

// lingering is a context that ends some time after ctx does.
func lingering(ctx context.Context, linger time.Duration) (context.Context, context.CancelFunc) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(linger)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-working.Done():
		}
	})
	return working, func() {
		stop()
		cancel()
	}
}

// verdict turns the end of the copy into the command's: fine, or one line.
func (o storeCopyOptions) verdict(ctx context.Context, r transfer.Report, err error) error {
	var incomplete *transfer.IncompleteError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &incomplete):
		// Not wrapped: what one token is refused for is not the command's exit code.
		return advisedError{fmt.Errorf("%d of %s refused, see the list; mend them in the source or the target and copy again", len(incomplete.Refused), count(r.Read, "token"))}
	case ctx.Err() != nil:
		return advisedError{fmt.Errorf("interrupted after %s; repeat the command to go on, what is there already is passed over", count(r.Read, "token"))}
	}
	return advisedError{err} // ends with what to do
}
