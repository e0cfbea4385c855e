package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// root is the module's folder.
const root = "../.."

// The page is what the tests' comments say now, and each defect has a test.
func TestPageIsFresh(t *testing.T) {
	want, err := generate(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: go run ./internal/defects", page)
	}
}

// No page names a test that is not there, and each threat has one.
func TestPagesNameTests(t *testing.T) {
	found, err := scan(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := unknownNames(os.DirFS(root), found.names)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range unknown {
		t.Errorf("%s, and there is no such test", u)
	}
	text, err := os.ReadFile(root + "/docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(named(string(text))) < 50 {
		t.Errorf("the threat model names %d tests only", len(named(string(text))))
	}
	for _, row := range unproved(string(text)) {
		t.Errorf("the threat model has no test for %s", row)
	}
}

// The list is that of the notes, where they are at hand.
func TestListIsWhole(t *testing.T) {
	list := defects()
	for i, d := range list {
		if d.number != i+1 || d.what == "" || d.whose == "" || strings.ContainsAny(d.what+d.whose, "|\n") {
			t.Errorf("entry %d: %+v", i, d)
		}
	}
	text, err := os.ReadFile(root + "/../shared/interop.md")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the notes are not at hand")
	}
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| D(\d+) \|`).FindAllStringSubmatch(string(text), -1)
	if len(rows) != len(list) {
		t.Fatalf("%d defects in the notes, %d here", len(rows), len(list))
	}
	for i, row := range rows {
		if row[1] != strconv.Itoa(list[i].number) {
			t.Errorf("row %d of the notes is D%s", i+1, row[1])
		}
	}
}

func TestScan(t *testing.T) {
	fsys := fstest.MapFS{
		"a/x_test.go":              {Data: []byte("package a\n\n// TestX shows it.\n// Defects: D1, D2.\nfunc TestX() {}\n\n// Defects: D2.\nfunc FuzzY() {}\n\nfunc TestZ() {}\n\nfunc help() {}\n")},
		"root_test.go":             {Data: []byte("package r\n\n// Defects: D3.\nfunc TestR() {}\n")},
		"cli/testdata/run.txtar":   {Data: []byte("# a script\n# Defects: D1.\nexec x\n")},
		"store/storetest/id.go":    {Data: []byte("package storetest\n\nvar _ = []check{{name: \"IDsDiffer\", run: idsDiffer}}\n\n// Defects: D1.\nfunc idsDiffer(f *fixture) {}\n\nfunc other(x int) {}\n")},
		"a/x.go":                   {Data: []byte("package a\n\n// Defects: D9.\nfunc TestNot() {}\n")},
		"outside/go.mod":           {Data: []byte("module outside\n")},
		"outside/x_test.go":        {Data: []byte("no Go")},
		"docs/page.md":             {Data: []byte("| x | test |\n|---|---|\n| 1 | `a.TestX`, `a.TestW` |\n| 2 | none |\n\n| y | z |\n|---|---|\n| 3 | none |\n")},
		"README.md":                {Data: []byte("`store/storetest.IDsDiffer` and `cli.TestScripts/run`, `cli.TestScripts/walk`")},
		"node_modules/m/x_test.go": {Data: []byte("no Go")},
	}
	found, err := scan(fsys)
	if err != nil {
		t.Fatal(err)
	}
	text, err := render([]defect{{1, "one", "A"}, {2, "two", "B"}, {3, "three", "C"}}, found.marked)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "|---|---|---|---|\n")
	want := `| D1 | one | A | [a.TestX](../a/x_test.go), [cli.TestScripts/run](../cli/testdata/run.txtar), [store/storetest.IDsDiffer](../store/storetest/id.go) |
| D2 | two | B | [a.FuzzY](../a/x_test.go), [a.TestX](../a/x_test.go) |
| D3 | three | C | [zohocrm.TestR](../root_test.go) |
`
	if table != want {
		t.Errorf("got:\n%s\nwant:\n%s", table, want)
	}
	unknown, err := unknownNames(fsys, found.names)
	if got := strings.Join(unknown, "; "); err != nil || got != "page.md names a.TestW; README.md names cli.TestScripts/walk" {
		t.Errorf("%q, %v", got, err)
	}
	if got := unproved(string(fsys["docs/page.md"].Data)); len(got) != 1 || got[0] != "2" {
		t.Errorf("rows without a test: %q", got)
	}
}

func TestMistakes(t *testing.T) {
	for source, want := range map[string]string{
		"package a\n\n// Defects: D1\nfunc TestX() {}\n":                 "write it as",
		"package a\n\n// Defects: 1.\nfunc TestX() {}\n":                 "write it as",
		"package a\n\n// Defects: D1.\nfunc help() {}\n":                 "belongs at the end",
		"package a\n\n// Defects: D1.\n// more\nfunc TestX() {}\n":       "belongs at the end",
		"package a\n\nfunc TestX() {\n\t// Defects: D1.\n}\n":            "belongs at the end",
		"package a\n\n// Defects: D1.\n\nfunc TestX() {}\n":              "belongs at the end",
		"package a\n\n// Defects: D7.\nfunc TestX() {}\n":                "names D7, which is not listed",
		"package a\n\n// TestX shows nothing.\nfunc TestX() { _ = 1 }\n": "no test says that it shows D1",
	} {
		found, err := scan(fstest.MapFS{"a/x_test.go": {Data: []byte(source)}})
		if err == nil {
			list := []defect{{1, "one", "A"}}
			if strings.Contains(source, "D7") {
				list = nil
			}
			_, err = render(list, found.marked)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngives %v, want %q", source, err, want)
		}
	}
}
