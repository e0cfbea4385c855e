package cli

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"zohocrm/oauth"
)

// printStatus lists tokens for people.
func (a *app) printStatus(all []oauth.Token, views []statusView) error {
	p := a.painter(a.out)
	if _, err := fmt.Fprintf(a.out, "%s (%s), %s\n", p.bold(oneLine(a.storeName())), kindOf(a.set.storeURL), count(len(all), "token")); err != nil {
		return err
	}
	now := a.now()
	var rows [][]string
	for i, t := range all {
		v := views[i]
		state := v.Status
		if v.trouble != "" {
			state = strings.TrimPrefix(state+", "+v.trouble, stateRevoked+", ") // which says so itself
		}
		rows = append(rows, []string{
			v.ID, nameOrDash(v.UserName), nameOrDash(v.DataCenter), nameOrDash(v.Environment), state,
			until(t, now), ago(t.LastUsedAt, now), nameOrDash(shortScopes(v.Scopes)),
		})
	}
	heading := []string{"id", "user", "data centre", "environment", "state", "access token", "last used", "scopes"}
	_, err := fmt.Fprintln(a.out, paintedTable(heading, rows, p, map[string]func(string) string{"state": p.state, "scopes": p.faint}))
	return err
}

// state colours how a token stands: green works by itself, yellow will not for
// long, red needs somebody.
func (p paint) state(text string) string {
	for _, look := range []struct {
		begins string
		paint  func(string) string
	}{
		{stateValid + ", ", p.warn}, {stateRenewed + ", ", p.warn}, // with trouble
		{stateValid, p.good}, {stateRenewed, p.good}, {stateEnds, p.warn},
	} {
		if strings.HasPrefix(text, look.begins) {
			return look.paint(text)
		}
	}
	return p.bad(text)
}

// scopesOf are a token's scopes as Zoho wrote them; never nil.
func scopesOf(t oauth.Token) []string {
	return append([]string{}, strings.FieldsFunc(t.Scope, func(r rune) bool { return r == ',' || r == ' ' })...)
}

// shortScopes leaves out what nearly all scopes begin with.
func shortScopes(scopes []string) string {
	short := make([]string, len(scopes))
	for i, scope := range scopes {
		short[i] = strings.TrimPrefix(scope, "ZohoCRM.")
	}
	return strings.Join(short, " ")
}

// paintedTable is tableOf with a bold heading, and with colours for the cells of
// the columns that looks names, by their text.
func paintedTable(heading []string, rows [][]string, p paint, looks map[string]func(string) string) string {
	t := table.NewWriter()
	t.AppendHeader(cells(heading))
	var columns []table.ColumnConfig
	for name, look := range looks {
		columns = append(columns, table.ColumnConfig{Name: name, Transformer: func(cell any) string {
			text, _ := cell.(string)
			return look(text)
		}})
	}
	t.SetColumnConfigs(columns)
	first, rest, _ := strings.Cut(layOut(t, rows), "\n")
	return p.bold(first) + "\n" + rest
}
