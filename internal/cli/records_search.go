package cli

import (
	"context"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// recordsSearchOptions are the parsed command line of "zcrm records search".
type recordsSearchOptions struct {
	recordsOptions
	word, email, phone string
	where              []string
	limit              int
}

func newRecordsSearchCmd(a *app) *cobra.Command {
	o := recordsSearchOptions{}
	cmd := &cobra.Command{
		Use:   "search MODULE [WORD]",
		Short: "Find records by a word, an email address, a phone number or a condition",
		Long: `Find records of a module: by a WORD in any of their fields, by an email address, a
phone number, or a condition. Zoho finds 2,000 records at most, and what was just
written a little later.

` + whereHelp,
		Example: `  zcrm records search Leads Acme
  zcrm records search Contacts --email jane@example.com
  zcrm records search Leads --where 'Company^=Ac' --fields id,Company`,
		Args: moduleAnd(1, 2, "zcrm records search MODULE [WORD]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.read(cmd, args); err != nil {
				return err
			}
			if len(args) == 2 {
				o.word = args[1]
			}
			return runRecordsSearch(cmd.Context(), o)
		},
	}
	o.register(a, cmd)
	o.registerFields(cmd)
	registerWhere(cmd, &o.where)
	a.completeWhere(cmd)
	cmd.Flags().StringVar(&o.email, "email", "", "`ADDRESS` that any email field has")
	cmd.Flags().StringVar(&o.phone, "phone", "", "`NUMBER` that any phone field has")
	cmd.Flags().IntVar(&o.limit, "limit", 0, "`NUMBER` of records wanted; 0: all")
	return cmd
}

func runRecordsSearch(ctx context.Context, o recordsSearchOptions) error {
	condition, criteria, err := parseWhere(o.where)
	if err != nil {
		return err
	}
	asked := 0
	for _, given := range []bool{o.word != "", o.email != "", o.phone != "", len(o.where) > 0} {
		if given {
			asked++
		}
	}
	switch {
	case checkLimit(o.limit) != nil:
		return checkLimit(o.limit)
	case !utf8.ValidString(o.word + o.email + o.phone):
		return notUTF8("what to find")
	case asked != 1:
		return usagef("say what to find by one of: a WORD, --email, --phone, --where")
	}
	return o.app.withCRM(ctx, o.who, func(r *remote) error {
		columns, fields, err := o.chosen(ctx, r)
		if err != nil {
			return err
		}
		opts := &crm.SearchOptions{
			Where: condition, Criteria: criteria, Word: o.word, Email: o.email, Phone: o.phone, Fields: fields, PerPage: perCall(o.limit),
		}
		return narrow(r.printRows(ctx, r.Records.Search(ctx, o.module, opts), o.rows(columns), o.limit))
	})
}
