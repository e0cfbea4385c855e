package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// test is a test function, a check of the kit, or a script.
type test struct {
	name string // store/csvfile.TestPermissions
	file string // where it stands, seen from the module's folder
}

// findings are what a module's files hold.
type findings struct {
	names  map[string]bool // of all tests
	marked map[int][]test  // by the number of the defect
}

// scan reads all Go files and scripts, those of other modules below this one not.
func scan(fsys fs.FS) (findings, error) {
	found := findings{names: map[string]bool{}, marked: map[int][]test{}}
	checks, err := kitChecks(fsys)
	if err != nil {
		return found, err
	}
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if _, err := fs.Stat(fsys, path.Join(name, "go.mod")); err == nil && name != "." || d.Name() == ".git" || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		case path.Ext(name) == ".txtar":
			return found.script(fsys, name)
		case strings.HasSuffix(name, "_test.go"), path.Ext(name) == ".go" && path.Dir(name) == kit:
			return found.source(fsys, name, checks)
		}
		return nil
	})
	for _, tests := range found.marked {
		slices.SortFunc(tests, func(a, b test) int { return strings.Compare(a.name, b.name) })
	}
	return found, err
}

// source takes the tests of one Go file.
func (f findings) source(fsys fs.FS, name string, checks map[string]string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	docs := map[*ast.Comment]bool{} // the last lines of tests' comments
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		full, ok := nameOf(fn, path.Dir(name), checks)
		if !ok {
			continue
		}
		f.names[full] = true
		if fn.Doc == nil {
			continue
		}
		last := fn.Doc.List[len(fn.Doc.List)-1]
		docs[last] = true
		if err := f.mark(last.Text, test{full, name}); err != nil {
			return fmt.Errorf("%s: %w", set.Position(last.Pos()), err)
		}
	}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if isMark(c.Text) && !docs[c] {
				return fmt.Errorf("%s: this line belongs at the end of the comment of a test", set.Position(c.Pos()))
			}
		}
	}
	return nil
}

// nameOf is the name of a test, or of a check of the kit.
func nameOf(fn *ast.FuncDecl, folder string, checks map[string]string) (string, bool) {
	if fn.Recv != nil {
		return "", false
	}
	for _, prefix := range []string{"Test", "Fuzz", "Example"} {
		if strings.HasPrefix(fn.Name.Name, prefix) {
			return packageName(folder) + "." + fn.Name.Name, true
		}
	}
	check, ok := checks[fn.Name.Name]
	return kit + "." + check, ok && folder == kit
}

func packageName(folder string) string {
	if folder == "." {
		return "zohocrm"
	}
	return folder
}

// script takes a script, which is a subtest of TestScripts beside its folder.
func (f findings) script(fsys fs.FS, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	folder, base := path.Split(name)
	full := packageName(path.Dir(strings.TrimSuffix(folder, "/"))) + ".TestScripts/" + strings.TrimSuffix(base, ".txtar")
	f.names[full] = true
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "#"); ok {
			if err := f.mark("//"+rest, test{full, name}); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func isMark(line string) bool { return strings.HasPrefix(line, "// Defects:") }

// mark takes the line under which a test names defects; others mean nothing.
func (f findings) mark(line string, t test) error {
	if !isMark(line) {
		return nil
	}
	if !regexp.MustCompile(`^// Defects: D\d+(, D\d+)*\.$`).MatchString(line) {
		return fmt.Errorf("write it as %q", "// Defects: D1, D23.")
	}
	for _, digits := range regexp.MustCompile(`\d+`).FindAllString(line, -1) {
		n, err := strconv.Atoi(digits)
		if err != nil {
			return err
		}
		f.marked[n] = append(f.marked[n], t)
	}
	return nil
}
