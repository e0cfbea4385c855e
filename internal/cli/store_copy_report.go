package cli

import (
	"errors"
	"fmt"
	"math"
	"time"

	"zohocrm/store/open"
	"zohocrm/store/transfer"
)

// copyView is a report as --json prints it.
type copyView struct {
	From       string          `json:"from"`
	To         string          `json:"to"`
	DryRun     bool            `json:"dry_run"`
	Complete   bool            `json:"complete"`
	Seconds    float64         `json:"seconds"`
	Read       int             `json:"read"`
	Inserted   int             `json:"inserted"`
	Updated    int             `json:"updated"`
	Unchanged  int             `json:"unchanged"`
	Gone       int             `json:"gone"`
	Renumbered []renumberView  `json:"renumbered"`
	Duplicates []duplicateView `json:"duplicates"`
	Refused    []refusalView   `json:"refused"`
}

type renumberView struct {
	ID       string `json:"id"`
	NewID    string `json:"new_id"`
	UserName string `json:"user_name"`
}

type duplicateView struct {
	ID       string `json:"id"`
	UserName string `json:"user_name"`
	Kept     string `json:"kept_id"`
}

type refusalView struct {
	ID       string `json:"id"`
	UserName string `json:"user_name"`
	Error    string `json:"error"`
}

// print writes what the copy did to stdout.
func (o storeCopyOptions) print(r transfer.Report, complete bool, took time.Duration) error {
	if o.app.set.json {
		return o.app.printJSON(o.view(r, complete, took))
	}
	line := r.String() + rate(r.Read, took)
	if o.dryRun {
		line = "dry run, no token was copied: " + r.String()
	}
	lines := []string{line}
	for _, c := range r.Renumbered {
		to := c.To
		if to == "" {
			to = "a new one"
		}
		lines = append(lines, fmt.Sprintf("other id: %s becomes %s, user %q", c.From, to, cut(c.UserName)))
	}
	for _, d := range r.Duplicates {
		lines = append(lines, fmt.Sprintf("duplicate: id %s, user %q: id %s was copied instead", d.ID, cut(d.UserName), d.Kept))
	}
	for _, f := range r.Refused {
		lines = append(lines, fmt.Sprintf("refused: id %s, user %q: %v", f.ID, cut(f.UserName), why(f.Err)))
	}
	for _, line := range lines {
		if err := o.app.printLine(line); err != nil {
			return err
		}
	}
	return nil
}

// why is a refusal in this command's words.
func why(err error) string {
	if newer := (*transfer.NewerError)(nil); errors.As(err, &newer) && !newer.Kept {
		return fmt.Sprintf("the target has another %s under id %q, which may be the newer one; add --overwrite if the source's is wanted", newer.Column, newer.ID)
	}
	return err.Error()
}

// cut keeps a long name from filling the screen.
func cut(name string) string {
	const most = 60
	if r := []rune(name); len(r) > most {
		return string(r[:most]) + "…"
	}
	return name
}

func (o storeCopyOptions) view(r transfer.Report, complete bool, took time.Duration) copyView {
	v := copyView{
		From: open.Redact(o.from), To: open.Redact(o.to), DryRun: o.dryRun, Complete: complete,
		Seconds: math.Round(took.Seconds()*1000) / 1000,
		Read:    r.Read, Inserted: r.Inserted, Updated: r.Updated, Unchanged: r.Unchanged, Gone: r.Gone,
		// Never nil: an empty list is [], not null.
		Renumbered: []renumberView{}, Duplicates: []duplicateView{}, Refused: []refusalView{},
	}
	for _, c := range r.Renumbered {
		v.Renumbered = append(v.Renumbered, renumberView{c.From, c.To, c.UserName})
	}
	for _, d := range r.Duplicates {
		v.Duplicates = append(v.Duplicates, duplicateView{d.ID, d.UserName, d.Kept})
	}
	for _, f := range r.Refused {
		v.Refused = append(v.Refused, refusalView{f.ID, f.UserName, why(f.Err)})
	}
	return v
}
