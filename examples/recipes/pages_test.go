package recipes_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var write = flag.Bool("write-pages", false, "put the code into docs/recipes")

const root = "../.."

// marked is a block of code and the comment before it, which says what it is:
//
//	<!-- code examples/recipes/tenants.go Tenants.Client -->
//
// is that declaration with its comment; without a name it is the whole file.
func marked() *regexp.Regexp {
	return regexp.MustCompile("(?ms)^<!-- code (\\S+)((?: \\S+)*) -->\n```(\\w+)\n(.*?)^```$")
}

// The code of the pages is the code that is compiled and tested.
func TestPagesShowTheCode(t *testing.T) {
	pages, err := filepath.Glob(root + "/docs/recipes/*.md")
	if err != nil || len(pages) < 7 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	index, err := os.ReadFile(root + "/docs/recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		fresh := marked().ReplaceAllStringFunc(text, func(block string) string {
			m := marked().FindStringSubmatch(block)
			code, err := source(m[1], strings.Fields(m[2]))
			if err != nil {
				t.Errorf("%s: %v", page, err)
				return block
			}
			return fmt.Sprintf("<!-- code %s%s -->\n```%s\n%s```", m[1], m[2], m[3], code)
		})
		if *write && fresh != text {
			if err := os.WriteFile(page, []byte(fresh), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if fresh != text {
			t.Errorf("%s shows other code than is tested: go test ./examples/recipes -run Pages -write-pages", page)
		}
		all := len(regexp.MustCompile("(?m)^```(go|yaml|sql)$").FindAllString(text, -1))
		if n := len(marked().FindAllString(text, -1)); n == 0 || n != all {
			t.Errorf("%s: %d of %d blocks say which code they are", page, n, all)
		}
		if !strings.Contains(text, "\n## Without it\n") {
			t.Errorf("%s does not say what goes wrong without it", page)
		}
		if !strings.Contains(string(index), "(recipes/"+filepath.Base(page)+")") {
			t.Errorf("docs/recipes.md does not list %s", page)
		}
	}
}

// source is what stands in a file: all of it, or some of its declarations.
func source(file string, names []string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil || len(names) == 0 {
		return string(data), err
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, data, parser.ParseComments)
	if err != nil {
		return "", err
	}
	var out []string
	for _, name := range names {
		found := ""
		for _, d := range parsed.Decls {
			if doc, ok := declares(d, name); ok {
				from := d.Pos()
				if doc != nil {
					from = doc.Pos()
				}
				found = string(data[files.Position(from).Offset:files.Position(d.End()).Offset])
			}
		}
		if found == "" {
			return "", fmt.Errorf("%s declares no %s", file, name)
		}
		out = append(out, found)
	}
	return strings.Join(out, "\n\n") + "\n", nil
}

// declares reports whether d is the type, function or method (Type.Method) of this
// name.
func declares(d ast.Decl, name string) (doc *ast.CommentGroup, ok bool) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		full := d.Name.Name
		if d.Recv != nil {
			kind := d.Recv.List[0].Type
			if star, ok := kind.(*ast.StarExpr); ok {
				kind = star.X
			}
			full = kind.(*ast.Ident).Name + "." + full
		}
		return d.Doc, full == name
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if s, ok := s.(*ast.TypeSpec); ok && s.Name.Name == name {
				return d.Doc, true
			}
		}
	}
	return nil, false
}
