package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// bulkExportOptions are the parsed command line of "zcrm bulk export".
type bulkExportOptions struct {
	bulkOptions
	module string
	fields []string
	where  []string
	limit  int
	out    string
	format format
}

// exportState is what an export needs to go on.
type exportState struct {
	Fields  []string `json:"fields,omitempty"`
	Where   []string `json:"where,omitempty"`
	Limit   int      `json:"limit,omitempty"`
	Output  format   `json:"output"`
	Out     string   `json:"out,omitempty"`    // "": stdout
	Part    string   `json:"part,omitempty"`   // the file that becomes Out
	Offset  int64    `json:"offset,omitempty"` // of the whole jobs in it
	Token   string   `json:"page_token,omitempty"`
	Columns []string `json:"columns,omitempty"` // of the CSV so far
	Page    int      `json:"page,omitempty"`    // of the job after the whole ones; 0: the first
}

func newBulkExportCmd(a *app) *cobra.Command {
	o := bulkExportOptions{format: formatCSV}
	cmd := &cobra.Command{
		Use:   "export MODULE",
		Short: "Export the records of a module",
		Long: `Export the records of a module, all of them or those that --where chooses, as CSV or
JSON. Zoho makes a file of 200,000 records at a time; each costs 50 API credits.
With --out the file is there when it is whole, and before not at all.

` + whereHelp + `
Ctrl-C leaves the job at Zoho, where it goes on: "zcrm bulk export --resume" waits
for it again, and brings it without paying for it twice; with --out it writes to
another file than before, as when a disk is full.`,
		Example: `  zcrm bulk export Leads --out leads.csv
  zcrm bulk export Contacts --fields Last_Name,Email --where City=Berlin
  zcrm bulk export Deals -o ndjson --limit 1000 | jq .Amount
  zcrm bulk export --resume`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if args, err = o.resumed(args); err != nil {
				return err
			}
			if o.resume != "" {
				if err := onlyResume(cmd, "fields", "where", "limit"); err != nil {
					return err
				}
			} else if err := moduleAnd(1, 1, "zcrm bulk export MODULE")(cmd, args); err != nil {
				return err
			} else {
				o.module = args[0]
			}
			if o.format, err = a.bulkFormat(cmd, o.format); err != nil {
				return err
			}
			return scoped(runBulkExport(cmd.Context(), o))
		},
	}
	o.register(a, cmd, "export")
	a.completeModules(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&o.fields, "fields", nil, "`NAMES` of the fields, separated by commas; see: zcrm fields MODULE (default all)")
	a.completeFields(cmd, "fields")
	registerWhere(cmd, &o.where)
	f.IntVar(&o.limit, "limit", 0, "`NUMBER` of records wanted; 0: all")
	f.StringVar(&o.out, "out", "", "`FILE` to write, in place of stdout")
	f.StringVarP((*string)(&o.format), "output", "o", string(formatCSV), "`FORMAT`: csv, ndjson, json (one array)")
	completeWith(cmd, "output", string(formatCSV), string(formatNDJSON), string(formatJSON))
	return cmd
}

// bulkFormat is formatOf without tables.
func (a *app) bulkFormat(cmd *cobra.Command, f format) (format, error) {
	switch {
	case f != formatCSV && f != formatNDJSON && f != formatJSON:
		return f, usagef("--output: it is csv, ndjson or json")
	case !a.set.json || f == formatJSON:
		return f, nil
	case cmd.Flags().Changed("output"):
		return f, usagef("--json and --output %s contradict each other: leave one out", f)
	}
	return formatJSON, nil
}

func runBulkExport(ctx context.Context, o bulkExportOptions) error {
	state, err := o.state()
	if err != nil {
		return err
	}
	state, unlock, err := o.lock(state)
	if err != nil {
		return err
	}
	defer unlock()
	if state.path != "" && o.out != "" {
		if err := o.elsewhere(state); err != nil {
			return err
		}
	}
	return o.app.withCRM(ctx, state.owner(o.who), func(r *remote) error {
		if o.resume == "" {
			state.User, state.TokenID = r.owner.UserName, r.owner.ID
			if err := r.checkFields(ctx, o.module, o.fields); err != nil {
				return err
			}
		}
		e := &bulkExport{o: o, r: r, state: state, show: &jobLife{app: o.app, line: o.app.progressOf("record", r.Credits, o.out != "")}}
		defer e.show.line.stop()
		return e.run(ctx)
	})
}

// state is a new one, or what is remembered of the job to go on with. Of a job
// that was begun elsewhere nothing but its ID is known.
func (o bulkExportOptions) state() (*bulkState, error) {
	if o.resume != "" {
		s, err := o.app.findBulk("export", o.resume)
		if err != nil {
			return nil, err
		}
		if s != nil {
			return s, nil
		}
	} else {
		if err := o.check(); err != nil {
			return nil, err
		}
	}
	s := &bulkState{Kind: "export", Begun: o.app.now(), At: o.app.set.home.AccountsURL, Module: o.module, Export: &exportState{
		Fields: o.fields, Where: o.where, Limit: o.limit, Output: o.format,
	}}
	if o.resume != "" {
		s.ID, s.Job = o.resume, o.resume
	} else {
		s.Key = newBulkKey()
	}
	if o.out != "" {
		path, err := filepath.Abs(o.out)
		if err != nil {
			return nil, usagef("--out: %v", err)
		}
		s.Export.Out = path
	}
	return s, nil
}

// elsewhere makes an export that is gone on with write to another file than it was
// begun with, as when a disk is full.
func (o bulkExportOptions) elsewhere(s *bulkState) error {
	x := s.Export
	if x.Out == "" && s.Rows > 0 {
		return sayf("%s of export %s went to stdout already: leave --out out", count(s.Rows, "record"), s.ID)
	}
	path, err := filepath.Abs(o.out)
	if err != nil {
		return usagef("--out: %v", err)
	}
	was := x.Part
	if err := x.move(path); err != nil {
		return err
	}
	if err := o.app.keepBulk(s); err != nil {
		return errors.Join(err, os.Remove(x.Part))
	}
	if err := os.Remove(was); was != "" && err != nil && !errors.Is(err, os.ErrNotExist) {
		o.app.tell("zcrm: warning: %v", err)
	}
	return nil
}

// lock keeps others from the state and the file. An export that is begun does
// without, as it does without a state that can be written down.
func (o bulkExportOptions) lock(s *bulkState) (*bulkState, func(), error) {
	locked, unlock, err := o.app.lockBulk(s)
	if err != nil && s.path == "" && !errors.Is(err, errBulkBusy) {
		return s, func() {}, nil
	}
	return locked, unlock, err
}

func (o bulkExportOptions) check() error {
	if err := checkName("the module", o.module); err != nil {
		return err
	}
	for _, name := range o.fields {
		if err := checkName("--fields", name); err != nil {
			return err
		}
	}
	if o.poll <= 0 {
		return usagef("--poll: it must be more than 0")
	}
	if _, err := bulkWhere(o.where); err != nil {
		return err
	}
	return checkLimit(o.limit)
}

// bulkWhere is the condition of a bulk job, which has no text for it.
func bulkWhere(all []string) (crm.Condition, error) {
	simple, criteria, err := parseWhere(all)
	if err != nil || criteria == "" {
		return simple, err
	}
	return parseCriteria(criteria)
}

// query is what the next job exports.
func (s *bulkState) query() (crm.ReadQuery, error) {
	x := s.Export
	where, err := bulkWhere(x.Where)
	if err != nil {
		return crm.ReadQuery{}, fmt.Errorf("the state of job %s: %w", s.ID, err)
	}
	return crm.ReadQuery{Module: s.Module, Fields: x.Fields, Where: where, Page: x.Page, PageToken: x.Token}, nil
}
