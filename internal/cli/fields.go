package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"zohocrm/crm"
	"zohocrm/internal/nearest"
)

func newFieldsCmd(a *app) *cobra.Command {
	var w who
	f := formatTable
	cmd := &cobra.Command{
		Use:   "fields MODULE [FIELD]",
		Short: "List the fields of a module, or describe one",
		Long: `List the fields of a module, or describe one of them with the values it takes. The
name is what --fields, --where and COQL take. JSON has all that Zoho says.`,
		Example: "  zcrm fields Leads\n  zcrm fields Leads Lead_Status\n  zcrm fields Leads --json",
		Args:    moduleAnd(1, 2, "zcrm fields MODULE [FIELD]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := a.formatOf(cmd, f)
			if err != nil {
				return err
			}
			if err := checkName("the module", args[0]); err != nil {
				return err
			}
			return a.withCRM(cmd.Context(), w, func(r *remote) error {
				all, err := r.allFields(cmd.Context(), args[0])
				switch {
				case err != nil:
					return err
				case len(args) == 2:
					return r.describeField(args[0], args[1], all, f)
				}
				return r.listFields(all, f)
			})
		},
	}
	w.register(a, cmd)
	f.register(cmd)
	cmd.ValidArgsFunction = a.completeModuleAndField
	return cmd
}

// allFields asks Zoho, and remembers the answer.
func (r *remote) allFields(ctx context.Context, module string) ([]crm.Field, error) {
	all, err := r.Metadata.Fields(ctx, module)
	if err != nil {
		return nil, meant(err, module)
	}
	r.known.keep(fieldsList(module), fieldRecords(all))
	return all, nil
}

func fieldRecords(all []crm.Field) []crm.Record {
	records := make([]crm.Record, len(all))
	for i, f := range all {
		records[i] = f.Record
	}
	return records
}

func (r *remote) listFields(all []crm.Field, f format) error {
	if f != formatTable {
		return r.app.printList(f, []string{"api_name", "field_label", "data_type", "json_type", "length", "system_mandatory", "read_only", "custom_field"}, fieldRecords(all))
	}
	var rows [][]string
	for _, field := range all {
		rows = append(rows, []string{field.APIName, field.Label, typeOf(field), traits(field)})
	}
	_, err := fmt.Fprintln(r.app.out, tableOf([]string{"name", "label", "type", "notes"}, rows))
	return err
}

// typeOf is a field's type with what bounds it: text(40), lookup of Accounts.
func typeOf(f crm.Field) string {
	switch {
	case f.Lookup != "":
		return f.DataType + " of " + f.Lookup
	case f.JSONType == "string" && f.Length > 0 && f.DataType != "picklist":
		return fmt.Sprintf("%s(%d)", f.DataType, f.Length)
	}
	return f.DataType
}

func traits(f crm.Field) string {
	var words []string
	for _, trait := range []struct {
		is   bool
		word string
	}{{f.Mandatory, "mandatory"}, {f.Unique, "unique"}, {f.ReadOnly, "read only"}, {f.Custom, "custom"}} {
		if trait.is {
			words = append(words, trait.word)
		}
	}
	return strings.Join(words, ", ")
}

func (r *remote) describeField(module, name string, all []crm.Field, f format) error {
	var names []string
	for _, field := range all {
		if field.APIName == name {
			return r.app.printField(field, f)
		}
		names = append(names, field.APIName)
	}
	err := fmt.Errorf("%w: %s has no field %s", crm.ErrNotFound, module, oneLine(name))
	if near := nearest.Name(name, names); near != "" {
		return advise(err, "did you mean "+near+"?")
	}
	return advise(err, "see: zcrm fields "+module)
}

func (a *app) printField(field crm.Field, f format) error {
	switch f {
	case formatJSON:
		return a.printRaw(json.RawMessage(field.Record.String()))
	case formatTable:
	default:
		return a.printList(f, nil, []crm.Record{field.Record})
	}
	rows := [][]string{{"name", field.APIName}, {"label", field.Label}, {"type", typeOf(field)}, {"in JSON", field.JSONType}, {"notes", nameOrDash(traits(field))}, {"id", field.ID}}
	for i, v := range field.Values {
		label := ""
		if i == 0 {
			label = "values"
		}
		text := v.Value
		if v.Display != v.Value {
			text += " (shown as " + v.Display + ")"
		}
		rows = append(rows, []string{label, text})
	}
	_, err := fmt.Fprintln(a.out, pairsOf(rows))
	return err
}
