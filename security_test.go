package zohocrm_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestVerificationIsTurnedOffNowhere reads the source: no TLS configuration skips the
// verification of certificates, but for the one place that is documented.
//
// Defects: D19.
func TestVerificationIsTurnedOffNowhere(t *testing.T) {
	allowed := map[string]string{
		"store/mysql/connector.go": "TLSPreferred: encrypts where nothing was asked for; store check reports it, tls=verify verifies",
		"store/rediskv/line.go":    "reads a caller's configuration, to report it",
	}
	met := map[string]bool{}
	configs := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		path = filepath.ToSlash(path)
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name == "InsecureSkipVerify" {
					met[path] = true
				}
			case *ast.CompositeLit:
				if sel, ok := n.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Config" {
					if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "tls" {
						configs++
						if !hasField(n, "MinVersion") {
							t.Errorf("%s: a tls.Config has no MinVersion", path)
						}
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range met {
		if allowed[path] == "" {
			t.Errorf("%s turns the verification of certificates off, or can", path)
		}
	}
	for path, why := range allowed {
		if !met[path] {
			t.Errorf("%s does not do so any more (%s): take it from the list", path, why)
		}
	}
	if configs < 5 {
		t.Errorf("only %d TLS configurations were found", configs)
	}
}

func hasField(lit *ast.CompositeLit, name string) bool {
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return true
			}
		}
	}
	return false
}
