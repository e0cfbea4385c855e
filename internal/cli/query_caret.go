package cli

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"

	"zohocrm/crm"
)

// caretAt is the line of a query that is wrong, and the blanks before the caret
// below it: as Zoho's details say by line and column, or by what is near, or by a
// clause that is missing. ok is false if they do not say.
func caretAt(query string, details json.RawMessage) (line, blanks string, ok bool) {
	d, err := crm.ParseRecord(details)
	if err != nil {
		return "", "", false
	}
	at := offsetOf(query, d)
	if at < 0 {
		return "", "", false
	}
	from := strings.LastIndexByte(query[:at], '\n') + 1
	to := len(query)
	if end := strings.IndexByte(query[at:], '\n'); end >= 0 {
		to = at + end
	}
	const most = 60 // bytes shown on either side
	before, after := query[from:at], query[at:to]
	if len(before) > most {
		before = "…" + strings.ToValidUTF8(before[len(before)-most:], "")
	}
	if len(after) > most {
		after = strings.ToValidUTF8(after[:most], "") + "…"
	}
	// A tab is as wide as a blank here, so that the caret fits.
	before, after = shownSigns(before), shownSigns(after)
	return before + after, strings.Repeat(" ", text.StringWidthWithoutEscSequences(before)), true
}

func shownSigns(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// offsetOf is the byte of a query at which it is wrong, -1 if the details do not
// say.
func offsetOf(query string, d crm.Record) int {
	near := d.Text("near")
	if near == "" {
		near = d.Text("column_name")
	}
	if column, ok := d.Int("column"); ok && column > 0 {
		line, _ := d.Int("line")
		if at := offsetAt(query, int(max(line, 1)), int(column)); at >= 0 {
			return at
		}
	}
	if near != "" {
		place := regexp.MustCompile(`(?i)(^|[^A-Za-z0-9_.])` + regexp.QuoteMeta(near) + `([^A-Za-z0-9_]|$)`).FindStringSubmatchIndex(query)
		if place == nil {
			return -1
		}
		return place[3]
	}
	if d.Text("clause") == "" {
		return -1
	}
	// Before what would stand behind the missing clause.
	if place := regexp.MustCompile(`(?i)\s(group\s+by|order\s+by|limit|offset)\s`).FindStringIndex(query); place != nil {
		return place[0]
	}
	return len(query)
}

// offsetAt is the byte of a line and a column, both from 1, -1 outside.
func offsetAt(query string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		end := strings.IndexByte(query[at:], '\n')
		if end < 0 {
			return -1
		}
		at += end + 1
	}
	for i := range query[at:] {
		if column--; column == 0 {
			return at + i
		}
	}
	if column == 1 {
		return len(query)
	}
	return -1
}
