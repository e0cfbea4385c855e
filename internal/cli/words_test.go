package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// No text of a package that the program uses names a Go field, once it has
// passed plainWords. Those that only a programmer's mistake can cause are left.
func TestPlainWords(t *testing.T) {
	goName := regexp.MustCompile(`\b[A-Za-z]*Config\.[A-Z]\w*|\burl\.[A-Z]\w*`)
	seen := 0
	for _, folder := range []string{"oauth", "crm", "dc", "store"} {
		err := filepath.WalkDir(filepath.Join("..", "..", folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "storetest") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil || !goName.MatchString(text) || neverShown(text) {
					return true
				}
				seen++
				if left := goName.FindString(plainWords(text)); left != "" {
					t.Errorf("%s: %q names %s, which no user of the program can set", path, text, left)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 5 {
		t.Errorf("only %d texts were looked at", seen)
	}
}

// neverShown: the program always fills in these fields.
func neverShown(text string) bool {
	for _, field := range []string{"KeeperConfig.Store ", "Config.Source ", "ContextTimeoutEnabled"} {
		if strings.Contains(text, field) {
			return true
		}
	}
	return false
}

// A clock that is ahead is not said to be behind by less than nothing.
func TestClockWords(t *testing.T) {
	var b lockedBuffer
	log := newApp(nil, nil, &b, nil).logger()
	log.Warn("the clock is wrong", "behind", -time.Hour)
	log.Warn("the clock is wrong", "behind", time.Hour)
	want := "zcrm: warning: the clock is wrong (ahead=1h0m0s)\nzcrm: warning: the clock is wrong (behind=1h0m0s)\n"
	if got := b.String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
