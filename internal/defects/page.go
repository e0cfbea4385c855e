package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// head is what stands above the table.
const head = `# Defects that this module does not have

The official SDKs, version 8.0 and in part the older ones, have these defects; each was read in their source,
and most were seen in runs of them. The last column names the tests that show that this module does not have
it. Those of ` + "`store/storetest`" + ` are checks that every store passes, as subtests of its ` + "`TestContract`" + `.

Written by ` + "`go run ./internal/defects`" + ` from the comments of the tests.

| # | defect | whose | tests that show ours does not have it |
|---|---|---|---|
`

// render makes the page. Each defect has a test, and each number is one's.
func render(list []defect, marked map[int][]test) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(head)
	rest := maps.Clone(marked)
	for _, d := range list {
		tests := marked[d.number]
		if len(tests) == 0 {
			return nil, fmt.Errorf("no test says that it shows D%d (%s)", d.number, d.what)
		}
		delete(rest, d.number)
		var links []string
		for _, t := range tests {
			links = append(links, fmt.Sprintf("[%s](../%s)", t.name, t.file))
		}
		fmt.Fprintf(&b, "| D%d | %s | %s | %s |\n", d.number, d.what, d.whose, strings.Join(links, ", "))
	}
	for _, n := range slices.Sorted(maps.Keys(rest)) {
		return nil, fmt.Errorf("%s names D%d, which is not listed", rest[n][0].name, n)
	}
	return b.Bytes(), nil
}
