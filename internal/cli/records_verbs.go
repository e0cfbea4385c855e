package cli

import (
	"context"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// writeVerb is what tells create, update and upsert apart.
type writeVerb struct {
	name, done string
	byID       bool // records must say which they are
	call       func(ctx context.Context, c *crm.Client, module string, records []crm.Record, opts *crm.WriteOptions) ([]crm.Result, error)
}

// key is the field that each record must have, "" if none.
func (v writeVerb) key(opts crm.WriteOptions) string {
	switch {
	case !v.byID:
		return ""
	case opts.External != "":
		return opts.External
	}
	return "id"
}

func newRecordsCreateCmd(a *app) *cobra.Command {
	o := &recordsWriteOptions{verb: writeVerb{name: "create", done: "created", call: func(ctx context.Context, c *crm.Client, module string, records []crm.Record, opts *crm.WriteOptions) ([]crm.Result, error) {
		return c.Records.Insert(ctx, module, records, opts)
	}}}
	cmd := writeCmd(a, o)
	cmd.Use = "create MODULE [FIELD=VALUE...]"
	cmd.Short = "Add records"
	cmd.Long = `Add records. A call that Zoho did not answer is not repeated, because it may have
been done: where that matters, use upsert.
` + inputHelp
	cmd.Example = `  zcrm records create Leads Last_Name=Doe Company=Acme
  zcrm records create Leads -d '{"Last_Name":"Doe","Company":"Acme"}'
  zcrm records create Leads -d @leads.csv --dry-run
  generate | zcrm records create Leads -o ndjson > results.ndjson`
	return cmd
}

func newRecordsUpdateCmd(a *app) *cobra.Command {
	o := &recordsWriteOptions{verb: writeVerb{name: "update", done: "updated", byID: true, call: func(ctx context.Context, c *crm.Client, module string, records []crm.Record, opts *crm.WriteOptions) ([]crm.Result, error) {
		return c.Records.Update(ctx, module, records, opts)
	}}}
	cmd := writeCmd(a, o)
	cmd.Use = "update MODULE [FIELD=VALUE...]"
	cmd.Short = "Change fields of records"
	cmd.Long = `Change the fields that are given of records that are there. Each has its id among
its fields, or the field of --external. FIELD= without a value empties a field.
` + inputHelp
	cmd.Example = `  zcrm records update Leads id=4150869000000300040 Company=Acme
  zcrm records update Leads -d @changes.csv
  zcrm records update Contacts -d @changes.ndjson --external Customer_Number__c`
	cmd.Flags().StringVar(&o.opts.External, "external", "", "`FIELD`, an external ID field, by which records are found instead of id")
	a.completeFields(cmd, "external")
	return cmd
}

func newRecordsUpsertCmd(a *app) *cobra.Command {
	o := &recordsWriteOptions{verb: writeVerb{name: "upsert", done: "added or updated", call: func(ctx context.Context, c *crm.Client, module string, records []crm.Record, opts *crm.WriteOptions) ([]crm.Result, error) {
		return c.Records.Upsert(ctx, module, records, opts)
	}}}
	cmd := writeCmd(a, o)
	cmd.Use = "upsert MODULE [FIELD=VALUE...]"
	cmd.Short = "Update records that are there, add the others"
	cmd.Long = `Update the records that are there already, found by the fields of --match or else by
the module's unique fields, and add the others. It may be repeated safely.
` + inputHelp
	cmd.Example = `  zcrm records upsert Leads Email=jane@example.com Last_Name=Doe Company=Acme
  zcrm records upsert Contacts -d @contacts.csv --match Email`
	cmd.Flags().StringSliceVar(&o.opts.DuplicateCheckFields, "match", nil, "`FIELDS` by which a record that is there is found")
	a.completeFields(cmd, "match")
	return cmd
}

// writeCmd is what the three commands have in common.
func writeCmd(a *app, o *recordsWriteOptions) *cobra.Command {
	cmd := &cobra.Command{
		Args: moduleAnd(1, -1, "zcrm records "+o.verb.name+" MODULE [FIELD=VALUE...]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.readWrite(cmd, args); err != nil {
				return err
			}
			return runRecordsWrite(cmd.Context(), *o)
		},
	}
	o.registerWrite(a, cmd)
	return cmd
}
