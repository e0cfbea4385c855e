package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// queryOptions are the parsed command line of "zcrm query".
type queryOptions struct {
	app    *app
	who    who
	text   string
	format format
	limit  int
}

func newQueryCmd(a *app) *cobra.Command {
	o := queryOptions{app: a}
	cmd := &cobra.Command{
		Use:   "query COQL",
		Short: "Ask the CRM in COQL, Zoho's query language",
		Long: `Ask the CRM in COQL, Zoho's query language, and print the rows as they come.
Without a limit it brings all rows, in calls of 2,000: as many as there are, or
100,000 with order by, group by or COUNT and the like. COQL is @FILE for the text
of a file, or - for stdin.

The table has the columns of the select; JSON has all that Zoho sends, such as id.
Zoho wants a where in every query; "where id is not null" is true of all records.`,
		Example: `  zcrm query "select Last_Name, Company from Leads where Company like 'A%'"
  zcrm query "select Owner.email, Amount from Deals where Stage = 'Closed Won' order by Amount desc limit 10"
  zcrm query "select COUNT(id), Lead_Source from Leads where id is not null group by Lead_Source"
  zcrm query @report.coql -o csv > report.csv`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usagef("the query is missing")
			case len(args) > 1:
				return usagef("the query is one argument: put quotes around it")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.text = args[0]
			if o.format, err = a.formatOf(cmd, o.format); err != nil {
				return err
			}
			return runQuery(cmd.Context(), o)
		},
	}
	o.who.register(a, cmd)
	o.format.register(cmd)
	cmd.Flags().IntVar(&o.limit, "limit", 0, "`NUMBER` of rows wanted; 0: as the query says")
	return cmd
}

// maxQuery bounds the text of a query, in bytes.
const maxQuery = 64 << 10

func runQuery(ctx context.Context, o queryOptions) error {
	if err := checkLimit(o.limit); err != nil {
		return err
	}
	if o.text == "-" || strings.HasPrefix(o.text, "@") {
		in, err := o.app.openData("@"+strings.TrimPrefix(o.text, "@"), true)
		if err != nil {
			return err
		}
		defer in.Close()
		text, err := io.ReadAll(io.LimitReader(in, maxQuery+1))
		if err != nil {
			return fmt.Errorf("the query cannot be read: %w", err)
		}
		o.text = string(text)
	}
	if o.text = strings.TrimSpace(o.text); o.text == "" || len(o.text) > maxQuery {
		return usagef("the query is empty, or longer than %d KiB", maxQuery>>10)
	}
	if !utf8.ValidString(o.text) {
		return notUTF8("the query")
	}
	return o.app.withCRM(ctx, o.who, func(r *remote) error {
		w := o.app.rowsTo(o.format, nil)
		err := r.printRows(ctx, o.rows(ctx, r, w), w, o.limit)
		return o.app.pointOut(notSoLong(err, "select fewer columns, or use: zcrm bulk export"), o.text)
	})
}

// rows are the query's rows. With the first of them it is known which columns of
// the select they have.
func (o queryOptions) rows(ctx context.Context, r *remote, w rowWriter) iter.Seq2[crm.Record, error] {
	return func(yield func(crm.Record, error) bool) {
		first := true
		for row, err := range r.Query.Rows(ctx, o.text) {
			if err == nil && first {
				first = false
				columns := selected(o.text, namesIn(row))
				switch w := w.(type) {
				case *tableWriter:
					w.columns = columns
				case *csvWriter:
					w.columns = columns
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// selected are the columns of a query in the order of its select, as the rows name
// them; all of the rows' columns where a name is not found among them.
func selected(query string, names []string) []string {
	words := strings.Fields(query)
	from := -1
	for i, word := range words {
		if strings.EqualFold(word, "from") {
			from = i
			break
		}
	}
	if from < 2 || !strings.EqualFold(words[0], "select") {
		return names
	}
	var columns []string
	for part := range strings.SplitSeq(strings.Join(words[1:from], " "), ",") {
		name := strings.Trim(strings.TrimSpace(part), "'")
		if i := strings.LastIndex(strings.ToLower(name), " as "); i >= 0 {
			name = strings.TrimSpace(name[i+4:])
		}
		found := ""
		for _, n := range names {
			if strings.EqualFold(n, name) {
				found = n
				break
			}
		}
		if found == "" {
			return names
		}
		columns = append(columns, found)
	}
	return columns
}

// pointOut shows on stderr where a query is wrong, above the error's line.
func (a *app) pointOut(err error, query string) error {
	var e *crm.Error
	if !errors.As(err, &e) || !is(err, crm.ErrSyntax) {
		return err
	}
	if line, blanks, ok := caretAt(query, e.Details); ok {
		a.mu.Lock()
		fmt.Fprintf(a.err, "  %s\n  %s%s\n", line, blanks, a.painter(a.err).bold("^"))
		a.mu.Unlock()
	}
	details, _ := crm.ParseRecord(e.Details)
	if strings.EqualFold(details.Text("clause"), "where") {
		return advise(fmt.Errorf("%w", err), "Zoho wants a where: add \"where id is not null\" for all records")
	}
	return err
}
