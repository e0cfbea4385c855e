package cli

import (
	"bufio"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// recordsDeleteOptions are the parsed command line of "zcrm records delete".
type recordsDeleteOptions struct {
	recordsOptions
	ids        []string
	yes        bool
	dryRun     bool
	noWorkflow bool
	external   string
	unread     error // why stdin ended too early; nil: it did not
}

func newRecordsDeleteCmd(a *app) *cobra.Command {
	o := recordsDeleteOptions{}
	cmd := &cobra.Command{
		Use:   "delete MODULE ID...",
		Short: "Move records to the recycle bin",
		Long: `Move records to the recycle bin, where Zoho keeps them for 60 days. The ID - reads
IDs from stdin, one a line. More than one, or any without a terminal, wants --yes.

Each record has its result on stdout; if any failed, the exit code is 1.`,
		Example: `  zcrm records delete Leads 4150869000000300040
  zcrm records list Leads --where Company=Test --fields id -o csv | tail -n +2 |
    zcrm records delete Leads - --yes`,
		Args: moduleAnd(2, -1, "zcrm records delete MODULE ID..."),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.ids = args[1:]
			if err := o.read(cmd, args); err != nil {
				return err
			}
			return runRecordsDelete(cmd.Context(), o)
		},
	}
	o.register(a, cmd)
	f := cmd.Flags()
	f.BoolVar(&o.yes, "yes", false, "really do it")
	f.BoolVar(&o.dryRun, "dry-run", false, "say how many it would be, but delete nothing")
	f.BoolVar(&o.noWorkflow, "no-workflow", false, "keep workflows from running")
	f.StringVar(&o.external, "external", "", "`FIELD`, an external ID field of the module, whose values the IDs are")
	a.completeFields(cmd, "external")
	return cmd
}

func runRecordsDelete(ctx context.Context, o recordsDeleteOptions) error {
	piped := slices.Equal(o.ids, []string{"-"})
	one := len(o.ids) == 1 && !piped && isTerminal(o.app.in) && isTerminal(o.app.out)
	switch {
	case slices.Contains(o.ids, "-") && !piped:
		return usagef("the ID - stands alone")
	case slices.ContainsFunc(o.ids, func(id string) bool { return o.external == "" && !piped && !isID(id) }):
		return usagef("an ID is a number of up to 20 digits")
	case !o.yes && !o.dryRun && !one:
		return sayf("this deletes records in %s: add --yes", o.module)
	}
	ids := slices.Values(o.ids)
	if piped {
		ids = o.lines()
	}
	if o.dryRun {
		n := 0
		for range ids {
			n++
		}
		if o.unread != nil {
			return o.unread
		}
		o.app.tell("zcrm: %s in %s would be deleted; nothing was sent", count(n, "record"), o.module)
		return nil
	}
	return o.app.withCRM(ctx, o.who, func(r *remote) error { return o.delete(ctx, r, ids) })
}

// isID reports whether text is an ID of Zoho's.
func isID(text string) bool {
	return text != "" && len(text) <= 20 && strings.Trim(text, "0123456789") == ""
}

// lines are the lines of stdin that are not empty. What ended them too early is in
// o.unread afterwards.
func (o *recordsDeleteOptions) lines() iter.Seq[string] {
	return func(yield func(string) bool) {
		in := bufio.NewScanner(o.app.in)
		for in.Scan() {
			if line := strings.TrimSpace(in.Text()); line != "" && !yield(line) {
				return
			}
		}
		if err := in.Err(); err != nil {
			o.unread = usagef("stdin cannot be read to its end: %v", err)
		}
	}
}

// delete deletes batch by batch and prints the results.
func (o *recordsDeleteOptions) delete(ctx context.Context, r *remote, ids iter.Seq[string]) error {
	write := recordsWriteOptions{recordsOptions: o.recordsOptions, opts: crm.WriteOptions{External: o.external}, verb: writeVerb{
		name: "delete", done: "deleted",
		call: func(ctx context.Context, c *crm.Client, module string, records []crm.Record, _ *crm.WriteOptions) ([]crm.Result, error) {
			batch := make([]string, len(records))
			for i, record := range records {
				batch[i] = record.ID()
			}
			return c.Records.Delete(ctx, module, batch, &crm.DeleteOptions{NoWorkflow: o.noWorkflow, External: o.external})
		},
	}}
	records := func(yield func(crm.Record, error) bool) {
		for id := range ids {
			if o.external == "" && !isID(id) {
				yield(crm.Record{}, usagef("a line of stdin is not an ID, which is a number of up to 20 digits"))
				return
			}
			record, err := crm.NewRecord(map[string]string{"id": id})
			if !yield(record, err) {
				return
			}
		}
		if o.unread != nil {
			yield(crm.Record{}, o.unread)
		}
	}
	err := write.write(ctx, r, records)
	if errors.Is(err, errNoRecords) {
		return usagef("there are no IDs on stdin")
	}
	return err
}
