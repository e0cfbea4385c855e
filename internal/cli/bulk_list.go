package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

func newBulkListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the exports and imports that were begun here",
		Long: `List the exports and imports that were begun here, on this machine: Zoho has no such
list. Finished ones are forgotten after a week. Nothing is sent to Zoho.`,
		Example: "  zcrm bulk list\n  zcrm bulk list --json",
		Args:    noArgs(""),
		RunE:    func(*cobra.Command, []string) error { return a.listBulk() },
	}
}

func (a *app) listBulk() error {
	all := a.bulkStates()
	if a.set.json {
		views := make([]bulkView, len(all))
		for i, s := range all {
			views[i] = bulkView{Job: s.ID, Kind: s.Kind, Module: s.Module, UserName: s.User, State: s.word(), Rows: s.Rows, BegunAt: rfc3339(s.Begun), File: s.file()}
		}
		return a.printJSON(views)
	}
	if len(all) == 0 {
		a.tell("zcrm: nothing was begun here")
		return nil
	}
	var rows [][]string
	for _, s := range all {
		rows = append(rows, []string{nameOrDash(s.ID), s.Kind, s.Module, s.progress(), rfc3339(s.Begun), nameOrDash(s.User), nameOrDash(s.file())})
	}
	_, err := fmt.Fprintln(a.out, tableOf([]string{"job", "kind", "module", "state", "begun", "user", "file"}, rows))
	return err
}

// bulkView is an export or import as --json prints it.
type bulkView struct {
	Job      string `json:"job"`
	Kind     string `json:"kind"`
	Module   string `json:"module"`
	UserName string `json:"user_name"`
	State    string `json:"state"` // open, done or failed
	Rows     int    `json:"rows"`
	BegunAt  string `json:"begun_at"`
	File     string `json:"file"`
}

func (s *bulkState) word() string {
	if s.State == "" {
		return "open"
	}
	return s.State
}

// file is what is written or read.
func (s *bulkState) file() string {
	if s.Export != nil {
		return s.Export.Out
	}
	return s.Import.File
}

func newBulkStatusCmd(a *app) *cobra.Command {
	var w who
	cmd := &cobra.Command{
		Use:   "status JOB",
		Short: "Ask Zoho how far a job is",
		Long: `Ask Zoho how far a bulk job is, by its ID. It may have been begun anywhere, by any
program. It costs a credit, or two.`,
		Example: "  zcrm bulk status 3477061000012345001",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !isJobID(args[0]) {
				return usagef("it takes the ID of a job, a number; see: zcrm bulk list")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withCRM(cmd.Context(), w, func(r *remote) error { return scoped(r.jobStatus(cmd.Context(), args[0])) })
		},
	}
	w.register(a, cmd)
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return append(a.jobsFor("export"), a.jobsFor("import")...), cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

// jobStatus prints a job. An ID does not tell its kind: reads are asked for first.
func (r *remote) jobStatus(ctx context.Context, id string) error {
	read, err := r.Bulk.ReadJob(ctx, id)
	switch {
	case err == nil:
		return r.printJob(read.Record, [][]string{
			{"job", id}, {"kind", "export"}, {"state", strings.ToLower(read.State)},
			{"module", read.Record.Sub("query").Sub("module").Text("api_name")},
			{"records", number(read.Done(), read.Count)}, {"more records", yesNo(read.MoreRecords)}, {"created", rfc3339(read.CreatedTime)},
		})
	case !errors.Is(err, crm.ErrNotFound):
		return err
	}
	write, err := r.Bulk.WriteJob(ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return advise(err, "it is another user's, or too old: Zoho keeps jobs for about a day")
	}
	if err != nil {
		return err
	}
	done, c := write.Done(), write.File
	return r.printJob(write.Record, [][]string{
		{"job", id}, {"kind", "import (" + write.Operation + ")"}, {"state", strings.ToLower(write.Status)},
		{"rows", number(done, c.Total)}, {"added", number(done, c.Added)}, {"updated", number(done, c.Updated)}, {"failed", number(done, c.Skipped)},
		{"created", rfc3339(write.CreatedTime)},
	})
}

func (r *remote) printJob(all crm.Record, rows [][]string) error {
	if r.app.set.json {
		return r.app.printJSON(all)
	}
	for _, row := range rows {
		row[1] = nameOrDash(row[1])
	}
	_, err := fmt.Fprintln(r.app.out, pairsOf(rows))
	return err
}

// number is a count that is known once a job is done.
func number(known bool, n int) string {
	if !known {
		return ""
	}
	return strconv.Itoa(n)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
