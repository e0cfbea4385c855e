package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zohocrm/internal/contract"
)

// root is the module's folder.
const root = "../../.."

// The page is what the methods do now.
func TestPageIsFresh(t *testing.T) {
	operations, err := contract.Operations()
	if err != nil {
		t.Fatal(err)
	}
	want, err := generate(t.Context(), operations)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: make coverage", page)
	}
	if n := bytes.Count(got, []byte("\n| ")); n < len(operations) {
		t.Errorf("%d rows for %d operations", n, len(operations))
	}
}

func TestRender(t *testing.T) {
	get := contract.Operation{Area: "a", Method: "GET", Path: "/crm/v8/a", Name: "Get | A"}
	put := contract.Operation{Area: "a", Method: "PUT", Path: "/crm/v8/a", Name: "Put A"}
	lost := contract.Operation{Area: "b", Method: "GET", Path: "/crm/v8/b", Name: "Get B"}
	text := string(render([]contract.Operation{get, put, lost},
		map[contract.Operation][]string{get: {"A.Get", "A.List"}}, map[contract.Operation]bool{get: true, put: true}))
	for _, want := range []string{
		"3 operations in 2 areas", "**1 operations", "the other 1 are reached", "except for 1", "| [a](#a) | 2 | 1 |", "| [b](#b) | 1 |  |",
		"| Get \\| A | `GET /crm/v8/a` | `A.Get`, `A.List` |", "| Put A | `PUT /crm/v8/a` | `Do` |", "| Get B | `GET /crm/v8/b` | nothing |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
