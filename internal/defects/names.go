package main

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// unknownNames looks through the pages of the documentation for names of tests,
// as in `store/csvfile.TestPermissions`, that no test has.
func unknownNames(fsys fs.FS, names map[string]bool) ([]string, error) {
	pages, err := fs.Glob(fsys, "docs/*.md")
	if err != nil {
		return nil, err
	}
	above, err := fs.Glob(fsys, "*.md")
	if err != nil {
		return nil, err
	}
	var unknown []string
	for _, page := range append(pages, above...) {
		text, err := fs.ReadFile(fsys, page)
		if err != nil {
			return nil, err
		}
		for _, name := range named(string(text)) {
			if !names[name] {
				unknown = append(unknown, fmt.Sprintf("%s names %s", path.Base(page), name))
			}
		}
	}
	return unknown, nil
}

// named are the names of tests in a text. A script is named with its test:
// internal/cli.TestScripts/demo.
func named(text string) []string {
	return regexp.MustCompile(`[\w/]+\.(?:Test|Fuzz|Example)\w*(?:/\w+)?|`+regexp.QuoteMeta(kit)+`\.\w+`).FindAllString(text, -1)
}

// unproved are the rows of a table, by their first cell, that name no test. Rows
// of a table that has no column "test" are left alone.
func unproved(text string) []string {
	var rows []string
	proves := false
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch {
		case !strings.HasPrefix(line, "|"):
			proves = false
		case strings.TrimSpace(cells[len(cells)-1]) == "test":
			proves = true
		case proves && !strings.HasPrefix(line, "|--") && len(named(cells[len(cells)-1])) == 0:
			rows = append(rows, strings.TrimSpace(cells[0]))
		}
	}
	return rows
}
