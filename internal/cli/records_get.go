package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// recordsGetOptions are the parsed command line of "zcrm records get".
type recordsGetOptions struct {
	recordsOptions
	id       string
	external string
}

func newRecordsGetCmd(a *app) *cobra.Command {
	o := recordsGetOptions{}
	cmd := &cobra.Command{
		Use:   "get MODULE ID",
		Short: "Show one record with all its fields",
		Long: `Show one record with all its fields, subforms included. The table leaves out empty
fields; --json prints the record as Zoho sent it, as one object.`,
		Example: `  zcrm records get Leads 4150869000000300040
  zcrm records get Leads 4150869000000300040 --fields Email,Phone
  zcrm records get Contacts C-1001 --external Customer_Number__c --json`,
		Args: moduleAnd(2, 2, "zcrm records get MODULE ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.id = args[1]
			if err := o.read(cmd, args); err != nil {
				return err
			}
			return runRecordsGet(cmd.Context(), o)
		},
	}
	o.register(a, cmd)
	o.registerFields(cmd)
	cmd.Flags().StringVar(&o.external, "external", "", "`FIELD`, an external ID field of the module, whose value ID is")
	a.completeFields(cmd, "external")
	return cmd
}

func runRecordsGet(ctx context.Context, o recordsGetOptions) error {
	if o.external == "" && !isID(o.id) {
		return usagef("an ID is a number of up to 20 digits")
	}
	return o.app.withCRM(ctx, o.who, func(r *remote) error {
		var fields []string
		if o.fields != nil {
			var err error
			if _, fields, err = o.chosen(ctx, r); err != nil {
				return err
			}
		}
		record, err := r.Records.Get(ctx, o.module, o.id, &crm.GetOptions{Fields: fields, External: o.external})
		if err != nil {
			return notSoLong(err, "name fewer fields with --fields")
		}
		switch o.format {
		case formatTable:
			return o.app.printDetails(record, o.fields)
		case formatJSON:
			return o.app.printRaw(json.RawMessage(record.String()))
		}
		w := o.app.rowsTo(o.format, o.fields)
		if err := w.write(record); err != nil {
			return err
		}
		return w.end()
	})
}

// printDetails prints one record, a line for each field; without names those that
// have something in them.
func (a *app) printDetails(r crm.Record, names []string) error {
	all := names != nil
	if !all {
		names = namesIn(r)
	}
	var rows [][]string
	for _, name := range names {
		if text := shownText(fieldOf(r, name)); text != "" || all {
			rows = append(rows, []string{name, text})
		}
	}
	_, err := fmt.Fprintln(a.out, pairsOf(rows))
	return err
}
