package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/open"
)

// storeCheckOptions are the parsed command line of "zcrm store check".
type storeCheckOptions struct {
	app    *app
	url    string
	strict bool
}

func newStoreCheckCmd(a *app) *cobra.Command {
	o := storeCheckOptions{app: a}
	cmd := &cobra.Command{
		Use:   "check [URL]",
		Short: "Examine a store, and say what to do about what is wrong",
		Long: `Examine a store, and say what to do about what is wrong: whether it can be read
and written, who else can read it, tokens that nothing can renew, rows that an
official SDK left twice, lost or cannot read, tokens that nobody uses.

Without a URL it is the store of --store. The check changes nothing: no token, no
file, and no table in a database, on a server neither. Whether a database can be
written is tried only where zcrm has its own table already.

Findings are failures (it does not work, or tokens are lost), warnings (something
should be done) and notes. The exit code is 1 if there is a failure, and with
--strict also if there is a warning; else 0.`,
		Example: "  zcrm store check\n  zcrm store check csv:sdk_tokens.txt\n  zcrm store check --strict --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("it takes one URL at most")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if cmd.Flags().Changed("store") {
					return usagef("give the URL or --store, not both")
				}
				o.url = args[0]
			}
			return runStoreCheck(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.strict, "strict", false, "fail on warnings too")
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return open.Schemes(), cobra.ShellCompDirectiveNoSpace
	}
	return cmd
}

func runStoreCheck(ctx context.Context, o storeCheckOptions) error {
	a := o.app
	if o.url != "" {
		a.set.storeURL = o.url
	}
	// What a store would warn of is among the findings.
	a.set.level = max(a.set.level, slog.LevelError)
	report, err := a.examine(ctx)
	if err != nil {
		return err
	}
	if a.set.json {
		err = a.printJSON(findingViews(report.Findings))
	} else {
		err = a.printReport(report)
	}
	if err != nil {
		return err
	}
	switch failures, warnings := report.Count(check.Failure), report.Count(check.Warning); {
	case failures > 0:
		return advisedError{fmt.Errorf("%s in %s", count(failures, "failure"), a.storeName())}
	case warnings > 0 && o.strict:
		return advisedError{fmt.Errorf("%s in %s, and --strict was given", count(warnings, "warning"), a.storeName())}
	}
	return nil
}

// examine checks the store of the settings. Only a URL that names no store, and
// an interrupt, is an error.
func (a *app) examine(ctx context.Context) (check.Report, error) {
	l, err := a.lookToTry(ctx)
	var report check.Report
	switch {
	case ctx.Err() != nil:
		return report, ctx.Err()
	case errors.Is(err, open.ErrUnsupported), isUsage(err):
		return report, err
	case err != nil:
		report.Add(check.Finding{
			Severity: check.Failure, Code: "cannot-open", Text: "it cannot be opened: " + err.Error(), Remedy: howToOpen(a.set.storeURL, err),
		})
	case l.store == nil:
		report.Complete = true
		report.Add(l.found...)
	default:
		report, err = check.Run(ctx, l.store, check.Config{
			Directory: a.set.directory, Now: a.now, Alone: !shared(a.set.storeURL), NoProbe: l.readOnly,
		})
		if err = errors.Join(err, l.close()); err != nil {
			return report, err
		}
		report.Add(l.found...)
	}
	report.Add(a.inspectRescues()...)
	return report, nil
}

// lookToTry is lookAt, so that it can be tried whether the store can be written,
// where that leaves nothing.
func (a *app) lookToTry(ctx context.Context) (*looked, error) {
	l, err := a.lookAt(ctx)
	if err != nil || !l.used {
		return l, err
	}
	return a.lookAgain(ctx, l)
}

// howToOpen is what to look at if a store cannot be opened; "" where the error says
// it, or where it is none of these.
func howToOpen(storeURL string, err error) string {
	kind, text := kindOf(storeURL), err.Error()
	switch {
	case strings.Contains(text, "; "): // behind which errors say what to do
		return ""
	case kind == "token file" || kind == "SQLite":
		return "see that the path is right, and that this user may read and write there"
	case errors.Is(err, oauth.ErrStoreUnavailable):
		return "see that the server runs, and that address, user and password are right"
	}
	return ""
}

// findingView is a finding as --json prints it.
type findingView struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Text     string `json:"text"`
	Remedy   string `json:"remedy"`
}

func findingViews(found []check.Finding) []findingView {
	views := make([]findingView, len(found)) // never nil: an empty list is [], not null
	for i, f := range found {
		views[i] = findingView{f.Severity.String(), f.Code, plainWords(f.Text), plainWords(f.Remedy)}
	}
	return views
}

// printReport writes each finding, and the counts.
func (a *app) printReport(report check.Report) error {
	p := a.painter(a.out)
	for _, f := range report.Findings {
		if _, err := io.WriteString(a.out, findingText(p, f)); err != nil {
			return err
		}
	}
	return a.printLine(a.storeName() + ": " + report.String())
}

// findingText is a finding for people, in one line: what was noticed, and behind an
// arrow what to do about it.
func findingText(p paint, f check.Finding) string {
	word := fmt.Sprintf("%-9s", f.Severity)
	switch f.Severity {
	case check.Failure:
		word = p.with("1;31", word)
	case check.Warning:
		word = p.with("33", word)
	default:
		word = p.faint(word)
	}
	text := word + oneLine(plainWords(f.Text))
	if f.Remedy != "" {
		text += p.faint(" -> " + oneLine(plainWords(f.Remedy)))
	}
	return text + "\n"
}
