package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

func newModulesCmd(a *app) *cobra.Command {
	var w who
	f := formatTable
	cmd := &cobra.Command{
		Use:   "modules [MODULE]",
		Short: "List the modules, or describe one",
		Long: `List the modules of the organisation that calls can reach, or describe one of them.
The name is what other commands take. JSON has all that Zoho says.`,
		Example: "  zcrm modules\n  zcrm modules Leads\n  zcrm modules --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("it takes one module at most")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := a.formatOf(cmd, f)
			if err != nil {
				return err
			}
			return a.withCRM(cmd.Context(), w, func(r *remote) error {
				if len(args) == 1 {
					return r.describeModule(cmd.Context(), args[0], f)
				}
				return r.listModules(cmd.Context(), f)
			})
		},
	}
	w.register(a, cmd)
	f.register(cmd)
	a.completeModules(cmd)
	return cmd
}

func (r *remote) listModules(ctx context.Context, f format) error {
	all, err := r.Metadata.Modules(ctx)
	if err != nil {
		return err
	}
	records := make([]crm.Record, len(all))
	for i, m := range all {
		records[i] = m.Record
	}
	r.known.keep(modulesList, records)
	if f != formatTable {
		return r.app.printList(f, []string{"api_name", "singular_label", "plural_label", "generated_type", "creatable", "editable", "deletable"}, records)
	}
	var rows [][]string
	for _, m := range all {
		if m.APISupported {
			rows = append(rows, []string{m.APIName, m.PluralLabel, m.GeneratedType, abilities(m)})
		}
	}
	_, err = fmt.Fprintln(r.app.out, tableOf([]string{"name", "label", "kind", "records can be"}, rows))
	return err
}

// abilities says what calls can do with a module's records.
func abilities(m crm.Module) string {
	var words []string
	for _, can := range []struct {
		is   bool
		word string
	}{{m.Viewable, "read"}, {m.Creatable, "created"}, {m.Editable, "updated"}, {m.Deletable, "deleted"}} {
		if can.is {
			words = append(words, can.word)
		}
	}
	return nameOrDash(strings.Join(words, ", "))
}

func (r *remote) describeModule(ctx context.Context, name string, f format) error {
	if err := checkName("the module", name); err != nil {
		return err
	}
	m, err := r.Metadata.Module(ctx, name)
	if err != nil {
		return err
	}
	switch f {
	case formatJSON:
		return r.app.printRaw(json.RawMessage(m.Record.String()))
	case formatTable:
	default:
		return r.app.printList(f, nil, []crm.Record{m.Record})
	}
	_, err = fmt.Fprintln(r.app.out, pairsOf([][]string{
		{"name", m.APIName}, {"label", m.PluralLabel}, {"of one", m.SingularLabel}, {"kind", m.GeneratedType}, {"records can be", abilities(*m)}, {"id", m.ID},
		{"related lists", namesOf(m.Record.Subs("related_lists"))}, {"layouts", namesOf(m.Record.Subs("layouts"))},
		{"fields", "see: zcrm fields " + m.APIName},
	}))
	return err
}

func namesOf(all []crm.Record) string {
	var names []string
	for _, one := range all {
		name := one.Text("api_name")
		if name == "" {
			name = one.Text("name")
		}
		names = append(names, name)
	}
	return nameOrDash(strings.Join(names, ", "))
}

// printList prints records that are all there.
func (a *app) printList(f format, columns []string, records []crm.Record) error {
	w := a.rowsTo(f, columns)
	for _, record := range records {
		if err := w.write(record); err != nil {
			return err
		}
	}
	return w.end()
}
