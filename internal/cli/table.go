package cli

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// tableOf lays rows out in columns under a heading, without borders, each line
// without spaces at its end. What came from a store or a server cannot move the
// cursor: control characters are left out.
func tableOf(heading []string, rows [][]string) string {
	t := table.NewWriter()
	t.AppendHeader(cells(heading))
	return layOut(t, rows)
}

// pairsOf lays out names with their values, without a heading.
func pairsOf(rows [][]string) string { return layOut(table.NewWriter(), rows) }

func layOut(t table.Writer, rows [][]string) string {
	t.SetStyle(plainStyle())
	for _, row := range rows {
		t.AppendRow(cells(row))
	}
	lines := strings.Split(t.Render(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

func plainStyle() table.Style {
	return table.Style{
		Name:    "plain",
		Box:     table.BoxStyle{PaddingRight: "  "},
		Format:  table.FormatOptions{Header: text.FormatUpper},
		Options: table.OptionsNoBordersAndSeparators,
		Size:    table.SizeOptions{},
	}
}

func cells(values []string) table.Row {
	row := make(table.Row, len(values))
	for i, v := range values {
		row[i] = oneLine(v)
	}
	return row
}
