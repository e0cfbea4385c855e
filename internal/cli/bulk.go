package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

func newBulkCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bulk",
		Short: "Export and import records by the hundred thousand",
		Long: `Export and import records by the hundred thousand, by Zoho's bulk jobs: Zoho works on
a file for a while, and zcrm waits, shows how far it is, and goes on where it was
interrupted. A job lives at Zoho whether somebody waits for it or not.

A job that exports costs 50 API credits and brings 200,000 records; one that imports
costs 500 and takes 25,000. For a few records, see: zcrm records --help`,
		Example: `  zcrm bulk export Leads --out leads.csv
  zcrm bulk import Leads leads.csv --operation upsert --find-by Email
  zcrm bulk list`,
		Args: noCommand,

		SuggestionsMinimumDistance: 2,

		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBulkExportCmd(a), newBulkImportCmd(a), newBulkListCmd(a), newBulkStatusCmd(a))
	return cmd
}

// resumeLast is --resume without an ID.
const resumeLast = "last"

// bulkOptions are what export and import share.
type bulkOptions struct {
	app    *app
	who    who
	resume string // ID of a job, resumeLast, or "": a new one
	poll   time.Duration
}

func (o *bulkOptions) register(a *app, cmd *cobra.Command, kind string) {
	o.app = a
	o.who.register(a, cmd)
	f := cmd.Flags()
	f.StringVar(&o.resume, "resume", "", "go on with the job `ID`, or with the last one that was not finished")
	f.Lookup("resume").NoOptDefVal = resumeLast
	f.DurationVar(&o.poll, "poll", 2*time.Second, "wait before the first look at a job, later ones are up to a minute apart; each look costs a credit")
	_ = cmd.RegisterFlagCompletionFunc("resume", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return a.jobsFor(kind), cobra.ShellCompDirectiveNoFileComp
	})
}

// resumed takes "--resume ID" from the arguments: a flag that may stand alone takes
// its value by = only.
func (o *bulkOptions) resumed(args []string) ([]string, error) {
	if o.resume == resumeLast && len(args) > 0 && isJobID(args[0]) {
		o.resume, args = args[0], args[1:]
	}
	switch {
	case o.resume == "":
		return args, nil
	case len(args) > 0:
		return nil, usagef("--resume goes on with what was begun: leave the arguments out")
	case o.resume != resumeLast && !isJobID(o.resume):
		return nil, usagef("--resume: a job's ID is a number; see: zcrm bulk list")
	}
	return nil, nil
}

// only refuses flags beside --resume that would change what was begun.
func onlyResume(cmd *cobra.Command, names ...string) error {
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			return usagef("--resume goes on with what was begun: leave --%s out", name)
		}
	}
	return nil
}

func isJobID(text string) bool {
	return text != "" && len(text) <= 30 && strings.Trim(text, "0123456789") == ""
}

// waiting says how a job is waited for, and shows its life.
func (o *bulkOptions) waiting(show *jobLife) *crm.WaitOptions {
	return &crm.WaitOptions{First: o.poll, Most: max(o.poll, time.Minute), Progress: show.told}
}

// bulkLinger is how long the start of a job may take after an interrupt: what was
// started and is not known has cost its credits for nothing.
const bulkLinger = 10 * time.Second

// stayed says how to go on with a job that Zoho still has.
func (o *bulkOptions) stayed(ctx context.Context, kind, id string, err error) error {
	next := "go on with: zcrm bulk " + kind + " --resume " + id
	if ctx.Err() != nil {
		return advisedError{fmt.Errorf("interrupted; job %s goes on at Zoho; %s", id, next)}
	}
	return advise(err, next)
}

// scoped tells which scopes bulk jobs need.
func scoped(err error) error {
	if errors.Is(err, crm.ErrScope) {
		return advise(err, "bulk jobs need ZohoCRM.bulk.ALL and, to import, ZohoFiles.files.ALL and ZohoCRM.org.READ: zcrm login asks for them")
	}
	return err
}
