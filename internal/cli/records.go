package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

func newRecordsCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "records",
		Short: "List, find, read and write the records of a module",
		Long: `List, find, read and write the records of any module.

Tables show lookups by name and are cut to a terminal's width. JSON has every
record exactly as Zoho sent it. CSV has the IDs of lookups, as Zoho's own files,
and what is printed as CSV or JSON can be read again by create, update and upsert.
Long lists are printed as they come and need no memory.`,
		Example: `  zcrm records list Leads
  zcrm records list Leads --where City=Berlin --fields id,Last_Name,Email
  zcrm records list Contacts -o csv > contacts.csv
  zcrm records create Leads Last_Name=Doe Company=Acme
  zcrm records upsert Contacts -d @contacts.csv --match Email`,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRecordsListCmd(a), newRecordsSearchCmd(a), newRecordsGetCmd(a), newRecordsCreateCmd(a), newRecordsUpdateCmd(a), newRecordsUpsertCmd(a), newRecordsDeleteCmd(a))
	return cmd
}

// recordsOptions are what the commands about records share.
type recordsOptions struct {
	app    *app
	who    who
	module string
	fields []string // nil: the command's own choice
	format format
}

func (o *recordsOptions) register(a *app, cmd *cobra.Command) {
	o.app = a
	o.who.register(a, cmd)
	o.format.register(cmd)
	a.completeModules(cmd)
}

func (o *recordsOptions) registerFields(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&o.fields, "fields", nil, "`NAMES` of the fields, separated by commas; see: zcrm fields MODULE")
	o.app.completeFields(cmd, "fields")
}

// read takes the module and the format from the command line.
func (o *recordsOptions) read(cmd *cobra.Command, args []string) (err error) {
	o.module = args[0]
	if f := cmd.Flags().Lookup("fields"); f != nil && f.Changed && len(o.fields) == 0 {
		return usagef("--fields: it names no field, such as id,Last_Name; without it zcrm chooses")
	}
	if err := checkName("the module", o.module); err != nil {
		return err
	}
	for _, name := range o.fields {
		if err := checkName("--fields", name); err != nil {
			return err
		}
	}
	o.format, err = o.app.formatOf(cmd, o.format)
	return err
}

// moduleAnd wants a module and so many further arguments, as usage names them.
func moduleAnd(least, most int, usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return usagef("the module is missing, such as Leads: %s", usage)
		case len(args) < least || most >= 0 && len(args) > most:
			return usagef("it takes %s", usage)
		}
		return nil
	}
}

// checkName refuses what cannot be an API name before anything is sent.
func checkName(what, name string) error {
	plain := strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.$")
	if name == "" || plain != "" || len(name) > 300 {
		return usagef("%s: it is not an API name such as Last_Name or Leads", what)
	}
	return nil
}

// mostFields is how many fields Zoho lists at once (Zoho: get-records).
const mostFields = 50

// chosen are the columns of a table or CSV file, and the fields that Zoho is asked
// for: those of --fields, else what a table has room for, else all there are.
func (o *recordsOptions) chosen(ctx context.Context, r *remote) (columns, fields []string, err error) {
	if o.fields != nil {
		for _, name := range o.fields {
			name, _, _ = strings.Cut(name, ".") // Owner.email is a part of Owner
			if !slices.Contains(fields, name) {
				fields = append(fields, name)
			}
		}
		if len(fields) > mostFields {
			return nil, nil, usagef("--fields: Zoho gives %d fields at once, not %d", mostFields, len(fields))
		}
		return o.fields, fields, r.checkFields(ctx, o.module, fields)
	}
	known, err := r.fields(ctx, o.module)
	if err != nil {
		return nil, nil, err
	}
	if o.format == formatTable {
		columns = tableFields(known)
		return columns, columns, nil
	}
	for _, f := range known {
		if name := f.Text("api_name"); name != "id" {
			fields = append(fields, name)
		}
	}
	if len(fields) > mostFields {
		r.app.tell("zcrm: warning: %s has %d fields, and Zoho lists %d at once: these are the first ones, choose with --fields", o.module, len(fields), mostFields)
		fields = fields[:mostFields]
	}
	return append([]string{"id"}, fields...), fields, nil
}

// tableFields are the columns of a table that nobody chose: the ID, what must be
// filled, and what people look for first.
func tableFields(known []crm.Record) []string {
	const most = 7
	columns := []string{"id"}
	add := func(name string) {
		if len(columns) < most && !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	for _, f := range known {
		if must, _ := f.Bool("system_mandatory"); must {
			add(f.Text("api_name"))
		}
	}
	for _, name := range []string{
		"First_Name", "Last_Name", "Deal_Name", "Account_Name", "Product_Name", "Subject", "Name", "Company", "Stage", "Amount",
		"Closing_Date", "Due_Date", "Lead_Status", "Status", "Email", "Phone", "Website", "Owner", "Modified_Time",
	} {
		if slices.ContainsFunc(known, func(f crm.Record) bool { return f.Text("api_name") == name }) {
			add(name)
		}
	}
	return columns
}

// sorting reads --sort: a field, with - before it for the largest first.
func sorting(text string) (field, order string, err error) {
	field, order = strings.TrimPrefix(text, "-"), "asc"
	if field != text {
		order = "desc"
	}
	switch field {
	case "", "id", "Created_Time", "Modified_Time":
		return field, order, nil
	}
	return "", "", sayf("--sort: Zoho sorts lists by id, Created_Time or Modified_Time; by others with: zcrm query \"select ... order by %s\"", oneLine(field))
}

// rows prints records in the columns that were chosen.
func (o *recordsOptions) rows(columns []string) rowWriter {
	w := o.app.rowsTo(o.format, columns)
	if t, ok := w.(*tableWriter); ok {
		t.spare = o.fields == nil
	}
	return w
}

func checkLimit(limit int) error {
	if limit < 0 {
		return usagef("--limit: it must not be negative")
	}
	return nil
}

// perCall is how many records a call should bring for a limit; 0: the most.
func perCall(limit int) int {
	if limit > 0 && limit < flushRows {
		return limit
	}
	return 0
}

// narrow advises what can be done about Zoho's window.
func narrow(err error) error {
	if is(err, crm.ErrLimit) {
		return advise(fmt.Errorf("%w", err), "go further with: zcrm query, or zcrm bulk export")
	}
	return notSoLong(err, "name fewer fields with --fields, or use: zcrm bulk export")
}

// notSoLong advises what to do about an answer that is too long to be read, where
// the general advice, a file, does not help: the command has none.
func notSoLong(err error, next string) error {
	const said = "the answer is longer than Config.MaxBody allows"
	if err == nil || !strings.Contains(err.Error(), said) {
		return err
	}
	return advisedError{rewordedError{strings.Replace(err.Error(), said, "the answer is too long to be read at once", 1) + "; " + next, err}}
}

// rewordedError is an error in the words of the command.
type rewordedError struct {
	text string
	error
}

func (e rewordedError) Error() string { return e.text }
func (e rewordedError) Unwrap() error { return e.error }
