package zohocrm_test

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayImport is the house: what each package may import of the module, itself
// and its own sub-packages aside. Data flows one way, so nothing points back up.
// A folder ending in /... stands for all below it.
var mayImport = map[string][]string{
	".":                       {"dc", "oauth", "crm", "store/csvfile"},
	"dc":                      {},
	"oauth":                   {"dc"},
	"oauth/observe":           {"oauth", "dc"},
	"crm":                     {"oauth", "dc", "internal/csvrow", "internal/nearest"},
	"sim":                     {},
	"store/memory":            {"oauth"},
	"store/check":             {"oauth", "dc"},
	"store/csvfile":           {"oauth", "dc", "store/check", "store/internal/whose"},
	"store/internal/sqlstore": {"oauth", "store/check"},
	"store/internal/whose":    {},
	"store/sqlite":            {"oauth", "store/check", "store/internal/sqlstore", "store/internal/whose"},
	"store/mysql":             {"oauth", "store/check", "store/internal/sqlstore"},
	"store/postgres":          {"oauth", "store/check", "store/internal/sqlstore"},
	"store/rediskv":           {"oauth", "store/check"},
	"store/sealed":            {"oauth"},
	"store/storetest":         {"oauth"},
	"store/transfer":          {"oauth"},
	"store/open":              {"oauth", "store/..."},
	"internal/contract":       {"dc", "oauth", "crm", "sim/..."},
	"internal/browsertest":    {},
	"internal/csvrow":         {},
	"internal/nearest":        {},
	"internal/defects":        {},
	"internal/redaction":      {}, // tests only
	"internal/sbom":           {},
	"internal/cli":            {".", "dc", "oauth", "crm", "oauth/observe/...", "sim/...", "store/...", "internal/csvrow", "internal/nearest", "internal/storm"},
	"internal/model":          {"oauth", "dc", "sim/...", "store/memory"},
	"internal/storm":          {"oauth", "dc", "sim/...", "store/..."},
	"internal/servertest":     {},
	"cmd/zcrm":                {"internal/cli"},
	"examples":                {".", "dc", "oauth", "crm", "sim/...", "store/..."},
	"interop":                 {".", "dc", "oauth", "crm", "sim/...", "store/..."},
	"bench":                   {".", "dc", "oauth", "crm", "sim/...", "store/...", "internal/servertest", "internal/storm"},
}

// mayUse lists the third-party modules that a package and all it imports may
// link. Packages that are not listed may link anything in go.mod.
var mayUse = map[string][]string{
	"dc":              {},
	"oauth":           {"golang.org/x/oauth2", "golang.org/x/sync"},
	"oauth/observe":   nil, // only who imports it links it
	"crm":             {"golang.org/x/oauth2", "golang.org/x/sync"},
	"store/memory":    {"golang.org/x/oauth2", "golang.org/x/sync"},
	"sim":             {},
	"store/csvfile":   {"golang.org/x/oauth2", "golang.org/x/sync", "golang.org/x/sys", "github.com/gofrs/flock", "github.com/natefinch/atomic"},
	".":               {"golang.org/x/oauth2", "golang.org/x/sync", "golang.org/x/sys", "github.com/gofrs/flock", "github.com/natefinch/atomic"},
	"store/sqlite":    {"golang.org/x/oauth2", "golang.org/x/sync", "golang.org/x/sys"}, // no driver: the caller opens the database
	"store/storetest": {"golang.org/x/oauth2", "golang.org/x/sync", "pgregory.net/rapid", "go.uber.org/goleak"},
}

type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
	GoFiles    []string
	Module     *struct{ Path string }
}

func list(t *testing.T) map[string]pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps,GoFiles,Module", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]pkg)
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
}

// room is the folder of one of our packages, "." for the root.
func room(importPath string) (string, bool) {
	if importPath == "zohocrm" {
		return ".", true
	}
	return strings.CutPrefix(importPath, "zohocrm/")
}

// rule finds the entry of the longest folder that holds the package.
func rule[V any](table map[string]V, folder string) (string, V, bool) {
	for f := folder; ; f = filepath.ToSlash(filepath.Dir(f)) {
		if v, ok := table[f]; ok && (f != "." || folder == ".") {
			return f, v, true
		}
		if f == "." {
			var none V
			return "", none, false
		}
	}
}

func TestImportsPointOneWay(t *testing.T) {
	all := list(t)
	seen := make(map[string]bool)
	for path, p := range all {
		folder, ours := room(path)
		if !ours {
			continue
		}
		at, allowed, ok := rule(mayImport, folder)
		if !ok {
			t.Errorf("%s: no rule says what it may import; add it to mayImport", folder)
			continue
		}
		seen[at] = true
		for _, imp := range p.Imports {
			to, ours := room(imp)
			if ours && to != at && !strings.HasPrefix(to, at+"/") && !slices.ContainsFunc(allowed, func(a string) bool {
				below, all := strings.CutSuffix(a, "/...")
				return to == a || all && (to == below || strings.HasPrefix(to, below+"/"))
			}) {
				t.Errorf("%s imports %s, which points the wrong way", folder, to)
			}
		}
	}
	if len(seen) < 10 {
		t.Errorf("only %d rules met a package: does go list see the module?", len(seen))
	}
}

func TestTheCoreLinksNoDriver(t *testing.T) {
	all := list(t)
	checked := 0
	for path, p := range all {
		folder, ours := room(path)
		if !ours {
			continue
		}
		_, allowed, limited := rule(mayUse, folder)
		if !limited || allowed == nil {
			continue
		}
		checked++
		for _, dep := range p.Deps {
			d := all[dep]
			if d.Standard || d.Module == nil || d.Module.Path == "zohocrm" {
				continue
			}
			if !slices.Contains(allowed, d.Module.Path) {
				t.Errorf("%s links %s", folder, d.Module.Path)
			}
		}
	}
	if checked < len(mayUse)-1 {
		t.Errorf("checked %d packages, the table has %d", checked, len(mayUse))
	}
}

// speakThemselves are the packages that no program links by the way: a Redis
// store speaks through its client, a MySQL store has to know its driver's errors,
// and the others are measurements and tests.
var speakThemselves = []string{"store/rediskv", "store/mysql", "bench", "internal/servertest", "internal/servertest/with"}

// Drivers are opened in one place, so that only who imports it pays.
func TestOnlyOpenImportsDrivers(t *testing.T) {
	for path, p := range list(t) {
		folder, ours := room(path)
		if !ours || folder == "store/open" {
			continue
		}
		for _, imp := range p.Imports {
			for _, driver := range []string{"modernc.org/sqlite", "github.com/go-sql-driver/mysql", "github.com/jackc/pgx", "github.com/redis/go-redis"} {
				if strings.HasPrefix(imp, driver) && !slices.Contains(speakThemselves, folder) {
					t.Errorf("%s imports the driver %s", folder, imp)
				}
			}
		}
	}
}

// Small files: none over 600 lines, the median under 150.
func TestFilesAreSmall(t *testing.T) {
	var sizes []int
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines := strings.Count(string(data), "\n")
		if lines > 600 {
			t.Errorf("%s has %d lines", path, lines)
		}
		if !strings.HasSuffix(path, "_test.go") {
			sizes = append(sizes, lines)
		}
		return nil
	})
	if err != nil || len(sizes) == 0 {
		t.Fatalf("%d files, %v", len(sizes), err)
	}
	slices.Sort(sizes)
	if median := sizes[len(sizes)/2]; median > 150 {
		t.Errorf("the median source file has %d lines", median)
	}
}

// Every module that is required by name has its reason in docs/dependencies.md,
// and the page names no other.
func TestEveryDependencyHasAReason(t *testing.T) {
	page, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{if not .Indirect}}{{if not .Main}}{{.Path}}{{end}}{{end}}", "all").Output()
	if err != nil {
		t.Fatal(err)
	}
	required := strings.Fields(string(out))
	for _, module := range required {
		if !strings.Contains(string(page), module) {
			t.Errorf("docs/dependencies.md gives no reason for %s", module)
		}
	}
	for line := range strings.Lines(string(page)) {
		cell, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		if !ok || !strings.Contains(cell, "/") || strings.Contains(cell, "(npm)") || strings.Contains(line, "`tools/`") {
			continue
		}
		for module := range strings.SplitSeq(cell, ", ") {
			if !slices.Contains(required, module) {
				t.Errorf("docs/dependencies.md names %s, which go.mod does not require", module)
			}
		}
	}
}
