package cli

import (
	"context"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// recordsListOptions are the parsed command line of "zcrm records list".
type recordsListOptions struct {
	recordsOptions
	where []string
	sort  string
	limit int
}

func newRecordsListCmd(a *app) *cobra.Command {
	o := recordsListOptions{}
	cmd := &cobra.Command{
		Use:   "list MODULE",
		Short: "List the records of a module",
		Long: `List the records of a module, the newest first. Without --fields a table shows
some of them, and the other formats have all fields, up to Zoho's 50.

` + whereHelp + `
With --where Zoho searches: it finds 2,000 records at most, and what was just
written a little later. Without, a list reaches 100,000 records; for all there are
see: zcrm bulk export --help`,
		Example: `  zcrm records list Leads
  zcrm records list Leads --fields id,Last_Name,Owner.email --limit 10
  zcrm records list Leads --where City=Berlin --where 'Annual_Revenue>=10000'
  zcrm records list Deals --where '((Stage:equals:Closed Won)or(Amount:greater_than:5000))'
  zcrm records list Contacts --sort -Modified_Time -o ndjson | head`,
		Args: moduleAnd(1, 1, "zcrm records list MODULE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.read(cmd, args); err != nil {
				return err
			}
			return runRecordsList(cmd.Context(), o)
		},
	}
	o.register(a, cmd)
	o.registerFields(cmd)
	registerWhere(cmd, &o.where)
	a.completeWhere(cmd)
	cmd.Flags().StringVar(&o.sort, "sort", "", "`FIELD` to sort by, with - before it for the largest first: id, Created_Time, Modified_Time")
	cmd.Flags().IntVar(&o.limit, "limit", 0, "`NUMBER` of records wanted; 0: all")
	completeWith(cmd, "sort", "id", "Created_Time", "Modified_Time")
	return cmd
}

func runRecordsList(ctx context.Context, o recordsListOptions) error {
	condition, criteria, err := parseWhere(o.where)
	if err != nil {
		return err
	}
	by, order, err := sorting(o.sort)
	if err != nil {
		return err
	}
	searched := len(o.where) > 0
	switch {
	case checkLimit(o.limit) != nil:
		return checkLimit(o.limit)
	case searched && by != "":
		return sayf("--sort: Zoho does not sort what it searches for; use: zcrm query \"select ... where ... order by %s\"", by)
	}
	return o.app.withCRM(ctx, o.who, func(r *remote) error {
		columns, fields, err := o.chosen(ctx, r)
		if err != nil {
			return err
		}
		w := o.rows(columns)
		if searched {
			opts := &crm.SearchOptions{Where: condition, Criteria: criteria, Fields: fields, PerPage: perCall(o.limit)}
			return narrow(r.printRows(ctx, r.Records.Search(ctx, o.module, opts), w, o.limit))
		}
		opts := &crm.ListOptions{Fields: fields, SortBy: by, SortOrder: order, PerPage: perCall(o.limit)}
		if by == "" {
			opts.SortOrder = "" // Zoho's: the newest first
		}
		return narrow(r.printRows(ctx, r.Records.List(ctx, o.module, opts), w, o.limit))
	})
}
