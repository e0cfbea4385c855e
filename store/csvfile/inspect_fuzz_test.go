package csvfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzInspect: whatever stands in a file, the detector says lines of findings that
// show no value of it; and a header has as many columns as it names.
func FuzzInspect(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "..", "interop", "testdata", "*.csv"))
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
		f.Add("\ufeff" + strings.ReplaceAll(string(text), "\n", "\r\n"))
	}
	f.Add(header + `1,"al""ice",c,1000.planted,r,"a\",g,,u,d`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, found := range inspectText(text) {
			said := found.Code + found.Text + found.Remedy
			if found.Code == "" || found.Text == "" || strings.ContainsAny(said, "\r\n") || !utf8.ValidString(said) {
				t.Errorf("%+v", found)
			}
			if strings.Contains(said, "1000.planted") {
				t.Errorf("%s shows a value", found.Code)
			}
		}
		line, _, _ := strings.Cut(strings.TrimPrefix(text, "\ufeff"), "\n")
		values, _ := fields(line)
		columns, extra := headerOf(values)
		if columns > 0 && len(values) != columns+len(extra) {
			t.Errorf("a header of %d and %d columns in %d values", columns, len(extra), len(values))
		}
	})
}
