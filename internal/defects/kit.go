package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
)

// kit is the package whose checks every store passes as subtests of its own test.
const kit = "store/storetest"

// kitChecks are the names of the kit's checks, by their functions: of its lists of
// {name: "IDsDiffer", run: idsDiffer}.
func kitChecks(fsys fs.FS) (map[string]string, error) {
	files, err := fs.Glob(fsys, kit+"/*.go")
	if err != nil {
		return nil, err
	}
	checks := map[string]string{}
	for _, name := range files {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok {
				if name, run := entryOf(lit); name != "" && run != "" {
					checks[run] = name
				}
			}
			return true
		})
	}
	return checks, nil
}

// entryOf reads one entry of a list; other literals give nothing.
func entryOf(lit *ast.CompositeLit) (name, run string) {
	for _, elt := range lit.Elts {
		pair, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := pair.Key.(*ast.Ident)
		if !ok {
			continue
		}
		switch v := pair.Value.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(v.Value); err == nil && key.Name == "name" {
				name = text
			}
		case *ast.Ident:
			if key.Name == "run" {
				run = v.Name
			}
		}
	}
	return name, run
}
