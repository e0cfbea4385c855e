package main

import (
	"bytes"
	"fmt"
	"strings"

	"zohocrm/internal/contract"
)

// head is what stands above the tables.
const head = `# Coverage of Zoho's API

Zoho describes CRM v8 by OpenAPI files (github.com/zoho/crm-oas, 2025-06-27): %d operations in %d areas. **%d operations
have a typed method** of a service of package ` + "`crm`" + `; %s.

A typed method is named where it was seen: a script calls every method of every service against the simulator, and
what goes over the wire is matched with the operations and held against their schemas (package ` + "`internal/contract`" + `).
A method for records or related records serves every module, also where Zoho describes one in an area of its own:
` + "`Records.Insert(ctx, \"Services__s\", ...)`" + ` is a service, though its row below says ` + "`Do`" + `.

Written by ` + "`make coverage`" + `.

| area | operations | typed |
|---|---|---|
`

// area is what one file describes.
type area struct {
	name       string
	operations []contract.Operation
	typed      int
}

// render makes the page: a table of the areas, then one for each of them, those
// with typed methods first.
func render(operations []contract.Operation, callers map[contract.Operation][]string, reached map[contract.Operation]bool) []byte {
	var areas []*area
	typed, byDo := 0, 0
	for _, op := range operations {
		if len(areas) == 0 || areas[len(areas)-1].name != op.Area {
			areas = append(areas, &area{name: op.Area})
		}
		a := areas[len(areas)-1]
		a.operations = append(a.operations, op)
		switch {
		case len(callers[op]) > 0:
			a.typed++
			typed++
		case reached[op]:
			byDo++
		}
	}
	rest := fmt.Sprintf("the other %d are reached by `Client.Do` and `zcrm api`", byDo)
	if lost := len(operations) - typed - byDo; lost > 0 {
		rest += fmt.Sprintf(", except for %d", lost)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, head, len(operations), len(areas), typed, rest)
	for _, a := range areas {
		fmt.Fprintf(&b, "| [%s](#%s) | %d | %s |\n", a.name, a.name, len(a.operations), share(a))
	}
	for _, a := range areas {
		fmt.Fprintf(&b, "\n## %s\n\n| operation | | by |\n|---|---|---|\n", a.name)
		for _, op := range a.operations {
			fmt.Fprintf(&b, "| %s | `%s %s` | %s |\n", cell(op.Name), op.Method, op.Path, by(callers[op], reached[op]))
		}
	}
	return b.Bytes()
}

func share(a *area) string {
	switch a.typed {
	case 0:
		return ""
	case len(a.operations):
		return "all"
	}
	return fmt.Sprint(a.typed)
}

func by(methods []string, reached bool) string {
	switch {
	case len(methods) > 0:
		return "`" + strings.Join(methods, "`, `") + "`"
	case reached:
		return "`Do`"
	}
	return "nothing"
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
