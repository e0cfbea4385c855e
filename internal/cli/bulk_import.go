package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// bulkImportOptions are the parsed command line of "zcrm bulk import".
type bulkImportOptions struct {
	bulkOptions
	module      string
	file        string
	operation   string
	findBy      string
	ignoreEmpty bool
	skip        []string
	failed      string
	again       bool
}

// importState is what an import needs to go on.
type importState struct {
	File    string    `json:"file"`
	Size    int64     `json:"size"` // of the file, which must not change meanwhile
	ModTime time.Time `json:"mod_time"`
	Sum     string    `json:"sha256,omitempty"` // of its content
	Failed  string    `json:"failed"`           // the file for rows that failed
	Query   importAs  `json:"as"`

	// Sending: rows were on their way to Zoho when this was written, so there may
	// be a job for them whose ID is not known.
	Sending bool `json:"sending,omitempty"`
	To      int  `json:"to,omitempty"` // the rows of the job under way, and of Sending, end before this one

	FailedSize int64 `json:"failed_size,omitempty"` // bytes of whole jobs in Failed

	Added   int    `json:"added"`
	Updated int    `json:"updated"`
	Refused int    `json:"refused"`
	FirstAt int    `json:"first_at,omitempty"` // the first row that failed, from 1
	First   string `json:"first,omitempty"`    // and why
}

// importAs says what is done with the rows.
type importAs struct {
	Operation   string       `json:"operation"`
	FindBy      string       `json:"find_by,omitempty"`
	IgnoreEmpty bool         `json:"ignore_empty,omitempty"`
	Header      []string     `json:"header"`  // as the file has it
	Columns     []sentColumn `json:"columns"` // those that are sent
}

// sentColumn is a column of the file that goes into a field.
type sentColumn struct {
	Index int    `json:"index"`
	Field string `json:"field"`
}

func newBulkImportCmd(a *app) *cobra.Command {
	o := bulkImportOptions{}
	cmd := &cobra.Command{
		Use:   "import MODULE FILE",
		Short: "Import a CSV file into a module",
		Long: `Import a CSV file into a module. Its first row names the fields by their API names;
it is checked before anything is sent. Columns that Zoho does not let anybody write
are left out, and so are STATUS, RECORD_ID and ERRORS, which zcrm itself adds.

The file is cut into jobs of 25,000 rows; each costs 500 API credits. Rows that Zoho
refuses do not stop the others: they are kept with the reason behind them, those of
leads.csv in leads.failed.csv beside it, and the exit code is 1. Mend that file and
import it like any other.

Ctrl-C leaves the job at Zoho, where it goes on: "zcrm bulk import --resume" goes on
behind the rows that were sent. No row is sent twice; a file of which an earlier
import is not finished is not begun again but with --again.`,
		Example: `  zcrm bulk import Leads leads.csv
  zcrm bulk import Contacts contacts.csv --operation upsert --find-by Email
  zcrm bulk import Deals deals.csv --operation update --find-by id --ignore-empty
  zcrm bulk import --resume`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if args, err = o.resumed(args); err != nil {
				return err
			}
			if o.resume != "" {
				if err := onlyResume(cmd, "operation", "find-by", "ignore-empty", "leave-out", "failed", "again"); err != nil {
					return err
				}
			} else if err := moduleAnd(2, 2, "zcrm bulk import MODULE FILE")(cmd, args); err != nil {
				return err
			} else {
				o.module, o.file = args[0], args[1]
			}
			return scoped(runBulkImport(cmd.Context(), o))
		},
	}
	o.register(a, cmd, "import")
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return a.namesFor(cmd, modulesList, typed), cobra.ShellCompDirectiveNoFileComp
		}
		return []string{"csv"}, cobra.ShellCompDirectiveFilterFileExt
	}
	f := cmd.Flags()
	f.StringVar(&o.operation, "operation", "insert", "`WHAT` to do: insert, update, upsert (update what is there, insert the rest)")
	f.StringVar(&o.findBy, "find-by", "", "`FIELD` by which update and upsert find records: id, or one without duplicates")
	f.BoolVar(&o.ignoreEmpty, "ignore-empty", false, "leave fields as they are whose column is empty")
	f.StringSliceVar(&o.skip, "leave-out", nil, "`COLUMNS` to leave out, separated by commas")
	f.StringVar(&o.failed, "failed", "", "`FILE` for the rows that failed (default NAME.failed.csv beside FILE, which is NAME.csv)")
	f.BoolVar(&o.again, "again", false, "begin anew with a file that an earlier import may have sent already; that one is given up")
	completeWith(cmd, "operation", "insert", "update", "upsert")
	a.completeFields(cmd, "find-by")
	return cmd
}

func runBulkImport(ctx context.Context, o bulkImportOptions) error {
	state, err := o.state()
	if err != nil {
		return err
	}
	state, unlock, err := o.app.lockBulk(state)
	if err != nil {
		return err
	}
	defer unlock()
	return o.app.withCRM(ctx, state.owner(o.who), func(r *remote) error {
		i := &bulkImport{o: o, r: r, state: state, show: &jobLife{app: o.app, line: o.app.progressOf("row", r.Credits, true)}}
		defer i.show.line.stop()
		if o.resume == "" {
			state.User, state.TokenID = r.owner.UserName, r.owner.ID
			if err := i.firstTime(); err != nil {
				return err
			}
			if err := i.choose(ctx); err != nil {
				return err
			}
		}
		return i.run(ctx)
	})
}

func (o bulkImportOptions) state() (*bulkState, error) {
	if o.poll <= 0 {
		return nil, usagef("--poll: it must be more than 0")
	}
	if o.resume != "" {
		return o.remembered()
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(o.file)
	if err != nil {
		return nil, usagef("FILE: %v", err)
	}
	header, err := csvHeader(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, usagef("FILE: %v", withoutPath(err))
	}
	failed := o.failed
	if failed == "" {
		failed = strings.TrimSuffix(path, filepath.Ext(path)) + ".failed.csv"
	}
	if failed, err = filepath.Abs(failed); err != nil {
		return nil, usagef("--failed: %v", err)
	}
	if _, err := os.Lstat(failed); err == nil {
		return nil, sayf("%s is there already, from an earlier import: move it away, or give another one with --failed", failed)
	}
	sum, err := sumOf(path)
	if err != nil {
		return nil, usagef("FILE: %v", withoutPath(err))
	}
	return &bulkState{Kind: "import", Key: newBulkKey(), Begun: o.app.now(), At: o.app.set.home.AccountsURL, Module: o.module, Import: &importState{
		File: path, Size: info.Size(), ModTime: info.ModTime(), Sum: sum, Failed: failed,
		Query: importAs{Operation: o.operation, FindBy: o.findBy, IgnoreEmpty: o.ignoreEmpty, Header: header},
	}}, nil
}

// remembered is the state to go on with.
func (o bulkImportOptions) remembered() (*bulkState, error) {
	s, err := o.app.findBulk("import", o.resume)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, sayf("nothing is remembered of job %s, so it is not known which rows it took; how it is says: zcrm bulk status %s", o.resume, o.resume)
	}
	info, err := os.Stat(s.Import.File)
	if err != nil {
		return nil, sayf("the file that is imported is gone: %v", err)
	}
	if info.Size() != s.Import.Size || !info.ModTime().Equal(s.Import.ModTime) {
		return nil, sayf("%s was changed since the import began: %s rows of it are done; put it back as it was, or import the rest as another file", s.Import.File, thousands(s.Rows))
	}
	return s, nil
}

func (o bulkImportOptions) check() error {
	if err := checkName("the module", o.module); err != nil {
		return err
	}
	switch {
	case o.file == "-":
		return usagef("FILE: an import may have to go on later, so it is not read from stdin: give a file")
	case o.operation != "insert" && o.operation != "update" && o.operation != "upsert":
		return usagef("--operation: it is insert, update or upsert")
	case o.operation != "insert" && o.findBy == "":
		return sayf("--operation %s finds records by a field: give --find-by Email, or --find-by id", o.operation)
	case o.operation == "insert" && o.findBy != "":
		return sayf("--find-by is for update and upsert: add --operation upsert, or leave it out")
	case o.findBy != "":
		return checkName("--find-by", o.findBy)
	}
	return nil
}

// writeQuery is what Zoho is asked to do with a part of the file.
func (s *bulkState) writeQuery() crm.WriteQuery {
	as := s.Import.Query
	q := crm.WriteQuery{Operation: as.Operation, Module: s.Module, FindBy: as.FindBy, IgnoreEmpty: as.IgnoreEmpty}
	for i, c := range as.Columns {
		q.Fields = append(q.Fields, crm.FieldMapping{APIName: c.Field, Index: i})
	}
	return q
}
