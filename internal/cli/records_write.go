package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// recordsWriteOptions are the parsed command line of "zcrm records create",
// "update" and "upsert".
type recordsWriteOptions struct {
	recordsOptions
	verb    writeVerb
	pairs   []string // FIELD=VALUE of one record
	data    string
	hasData bool
	dryRun  bool
	trigger []string

	unchecked bool // names of fields are not compared with the module's
	opts      crm.WriteOptions
}

const inputHelp = `
The data is FIELD=VALUE for one record, or JSON, NDJSON or CSV from --data or
stdin: one object, a list of them, one a line, Zoho's {"data":[...]}, or a first
row with the fields' API names and a row for each record. Values of CSV become
what their field takes; empty ones are left out. It is read and sent in calls of
100 records, so that it may be long. Zoho would leave out the value of a field that
it does not know: such a name is an error before its call is sent, but for names
that begin with $. --unchecked sends them all the same.

Each record has its result on stdout. If any failed, the exit code is 1; the
others are written all the same.`

func (o *recordsWriteOptions) registerWrite(a *app, cmd *cobra.Command) {
	o.register(a, cmd)
	f := cmd.Flags()
	f.StringVarP(&o.data, "data", "d", "", "`DATA`: JSON, NDJSON or CSV, @FILE, or @- for stdin")
	f.BoolVar(&o.dryRun, "dry-run", false, "read and check the data and print it, but send nothing")
	f.BoolVar(&o.unchecked, "unchecked", false, "send fields that the module does not seem to have, too")
	f.StringSliceVar(&o.trigger, "trigger", nil, "`WHAT` runs afterwards: workflow, approval, blueprint, ..., or none (default all)")
	completeWith(cmd, "trigger", "workflow", "approval", "blueprint", "pathfinder", "orchestration", "none")
}

// readWrite takes the rest of the command line.
func (o *recordsWriteOptions) readWrite(cmd *cobra.Command, args []string) error {
	o.pairs, o.hasData = args[1:], cmd.Flags().Changed("data")
	if o.hasData && len(o.pairs) > 0 {
		return usagef("give FIELD=VALUE or --data, not both")
	}
	for _, pair := range o.pairs {
		name, _, ok := strings.Cut(pair, "=")
		if !ok || checkName("", name) != nil {
			return usagef("after the module it takes FIELD=VALUE, such as Last_Name=Doe")
		}
	}
	switch {
	case slices.Equal(o.trigger, []string{"none"}):
		o.opts.Trigger = []string{}
	case slices.Contains(o.trigger, "none"):
		return usagef("--trigger: none stands alone")
	default:
		o.opts.Trigger = o.trigger
	}
	return o.read(cmd, args)
}

func runRecordsWrite(ctx context.Context, o recordsWriteOptions) error {
	var data io.ReadCloser
	if len(o.pairs) == 0 {
		var err error
		if data, err = o.app.openData(o.data, o.hasData); err != nil {
			return err
		}
		defer data.Close()
	}
	return o.app.withCRM(ctx, o.who, func(r *remote) error {
		types, err := o.types(ctx, r)
		if err != nil {
			return err
		}
		if err := o.checkKeys(types); err != nil {
			return err
		}
		records, err := o.records(data, types)
		if err != nil {
			return err
		}
		checked := o.checked(records, types)
		if o.dryRun {
			return o.rehearse(checked)
		}
		return o.write(ctx, r, checked)
	})
}

// types are those of the module's fields. Who may not read metadata writes
// without: the calls are checked by Zoho alone then.
func (o *recordsWriteOptions) types(ctx context.Context, r *remote) (*fieldTypes, error) {
	_, remembered := r.known.load(fieldsList(o.module))
	known, err := r.fields(ctx, o.module)
	switch {
	case is(err, crm.ErrScope, crm.ErrPermission):
		o.app.tell("zcrm: warning: the token may not read the fields of %s, so names and types are not checked here", o.module)
		return &fieldTypes{module: o.module}, nil
	case err != nil:
		return nil, err
	}
	t := typesOf(o.module, known)
	t.strict, t.any = true, o.unchecked
	if remembered {
		t.again = func() []crm.Record {
			now, err := r.known.ask(ctx, r.Client, fieldsList(o.module))
			if err != nil {
				return nil // what is remembered must do
			}
			return now
		}
	}
	return &t, nil
}

// checkKeys looks for names that are no fields in --match and --external.
func (o *recordsWriteOptions) checkKeys(types *fieldTypes) error {
	for _, name := range o.opts.DuplicateCheckFields {
		if err := types.checkKey("--match", name); err != nil {
			return err
		}
	}
	if o.opts.External != "" {
		return types.checkKey("--external", o.opts.External)
	}
	return nil
}

// records are those of the command line, or of the data.
func (o *recordsWriteOptions) records(data io.Reader, types *fieldTypes) (iter.Seq2[crm.Record, error], error) {
	if len(o.pairs) > 0 {
		names, texts := make([]string, len(o.pairs)), make([]string, len(o.pairs))
		for i, pair := range o.pairs {
			names[i], texts[i], _ = strings.Cut(pair, "=")
			if !utf8.ValidString(texts[i]) {
				return nil, notUTF8("the value of %s", names[i])
			}
		}
		if err := types.checkHeader(names); err != nil {
			return nil, err
		}
		return func(yield func(crm.Record, error) bool) { yield(types.record(names, texts, true), nil) }, nil
	}
	in := bufio.NewReaderSize(data, 64<<10)
	switch shape := shapeOf(in); shape {
	case shapeEmpty:
		return nil, errNoRecords
	case shapeUTF16:
		return nil, sayf("the data is UTF-16: convert it to UTF-8, as with iconv")
	case shapeCSV:
		return csvRecords(in, types), nil
	default:
		return jsonRecords(in, shape), nil
	}
}

// checked looks at each record before it is sent.
func (o *recordsWriteOptions) checked(records iter.Seq2[crm.Record, error], types *fieldTypes) iter.Seq2[crm.Record, error] {
	key := o.verb.key(o.opts)
	return func(yield func(crm.Record, error) bool) {
		n := 0
		for record, err := range records {
			if n++; err == nil {
				err = types.check(record)
				if err == nil && key != "" && record.Text(key) == "" {
					err = usagef("it has no %s, by which it is found", key)
				}
				if err != nil {
					err = fmt.Errorf("record %d of the data: %w", n, err)
				}
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// write sends the records and prints their results, call by call.
func (o *recordsWriteOptions) write(ctx context.Context, r *remote, records iter.Seq2[crm.Record, error]) error {
	w := o.app.rowsTo(o.format, resultColumns(o.verb.name == "upsert"))
	p := o.app.progressOf("record", r.Credits, false)
	defer p.stop()
	var sum tally
	var err error
	for batch, failed := range batches(records) {
		if err = failed; err == nil {
			err = o.send(ctx, r, w, &sum, batch)
		}
		if err != nil {
			break
		}
		p.at(sum.done)
	}
	p.stop()
	return o.finish(ctx, w, sum, err)
}

// send makes one call and prints its results, also those of a call that failed.
func (o *recordsWriteOptions) send(ctx context.Context, r *remote, w rowWriter, sum *tally, batch []crm.Record) error {
	results, err := o.verb.call(ctx, r.Client, o.module, batch, &o.opts)
	for i, result := range results {
		sum.add(result)
		view, bad := resultRecord(sum.done, batch[i].ID(), result)
		if bad == nil {
			bad = w.write(view)
		}
		if bad != nil {
			return bad
		}
	}
	if failed := (*crm.RecordsError)(nil); errors.As(err, &failed) && len(results) == len(batch) {
		err = nil // each has its result
	}
	if err != nil && unanswered(ctx, err) {
		sum.sent, sum.more = len(batch)-len(results), len(batch) == batchSize
		if o.opts.External != "" { // a call for each
			sum.sent, sum.more = 1, len(batch) > len(results)+1
		}
	}
	return errors.Join(err, w.flush())
}

// finish prints the end and says how far the work got.
func (o *recordsWriteOptions) finish(ctx context.Context, w rowWriter, sum tally, err error) error {
	if err == nil && sum.done == 0 {
		return errNoRecords
	}
	if sum.done > 0 || err == nil {
		if failed := w.end(); err == nil {
			err = failed
		}
	}
	switch {
	case err == nil:
		return sum.err()
	case ctx.Err() != nil:
		o.app.tell("%s had their result before the interrupt", count(sum.done, "record"))
		if sum.sent > 0 {
			o.app.tell("%s: look before you repeat them", uncertain(sum.done+1, sum.done+sum.sent, sum.more))
		}
	case sum.sent > 0:
		if sum.done > 0 {
			err = fmt.Errorf("after %s, of which %d failed: %w", count(sum.done, "record"), sum.failed, err)
		}
		return advise(err, uncertain(sum.done+1, sum.done+sum.sent, sum.more))
	case sum.done > 0:
		return fmt.Errorf("after %s, of which %d failed: %w", count(sum.done, "record"), sum.failed, err)
	}
	return err
}
