package main

import (
	"os"
	"strings"
	"testing"
)

// The result in docs/refresh.md is that of the command; .ci/run runs it again and
// compares. Here only that the page has a place for it, and that it is filled.
func TestThePageHasTheResult(t *testing.T) {
	page, err := os.ReadFile("../../docs/refresh.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, begins := strings.Cut(string(page), "<!-- model -->\n")
	table, _, ends := strings.Cut(rest, "<!-- /model -->")
	if !begins || !ends || !strings.Contains(table, "G1 to G7 hold") || !strings.Contains(table, "breaks G1") {
		t.Error("docs/refresh.md has no result of the search: run make model")
	}
}
