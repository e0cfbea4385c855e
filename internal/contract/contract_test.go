package contract

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"
)

// oasEnv names the folder of Zoho's OpenAPI files; where it does, they must be
// there.
const oasEnv = "ZCRM_OAS"

// oasFolder is where they are otherwise looked for.
const oasFolder = "../../../shared/oas"

// needOAS gives the folder. Without it a test is skipped, which .ci/run allows
// where nobody has the files.
func needOAS(t *testing.T) string {
	t.Helper()
	folder, named := os.LookupEnv(oasEnv)
	if !named {
		folder = oasFolder
	}
	_, err := os.Stat(folder)
	switch {
	case err == nil:
	case named:
		t.Fatalf("%s names a folder for Zoho's OpenAPI files that cannot be read: %v", oasEnv, err)
	case errors.Is(err, fs.ErrNotExist):
		t.Skip("Zoho's OpenAPI files are not here; " + oasEnv + " names their folder (github.com/zoho/crm-oas)")
	default:
		t.Fatal(err)
	}
	return folder
}

// TestAgainstOpenAPI: what every method sends and what the simulator answers is as
// Zoho's own files describe it, and the list of operations in this folder is theirs.
func TestAgainstOpenAPI(t *testing.T) {
	d, exceptions, err := DescribeZoho(needOAS(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Operations) != 423 {
		t.Errorf("%d operations, want 423", len(d.Operations))
	}
	listed, err := Operations()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(listed, d.Operations) {
		t.Errorf("%s is stale: make coverage", ListFile)
	}
	record := recorded(t)
	hold(t, d, record.Exchanges)
	for _, e := range exceptions.Unneeded() {
		t.Errorf("an exception that nothing needs: %s", e)
	}
}

func hold(t *testing.T, d *Descriptions, exchanges []Exchange) {
	t.Helper()
	told := map[string]bool{}
	for _, e := range exchanges {
		list, err := d.Check(e)
		if err != nil {
			t.Fatalf("%s: %v", e.Caller, err)
		}
		for _, f := range list {
			if text := f.String(); !told[text] {
				told[text] = true
				t.Errorf("%.500s", text)
			}
		}
	}
}

// TestAgainstOurDescriptions: ten operations are as testdata describes them, which
// was written from Zoho's pages and is held to the letter.
func TestAgainstOurDescriptions(t *testing.T) {
	d, err := Describe("testdata")
	if err != nil {
		t.Fatal(err)
	}
	all, err := Operations()
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]int{}
	var some []Exchange
	for _, e := range recorded(t).Exchanges {
		for _, op := range Matching(all, e.Request.Method, e.Request.URL.Path) {
			if i := slices.IndexFunc(d.Operations, func(ours Operation) bool { return sameAddress(ours, op) }); i >= 0 {
				held[d.Operations[i].Name]++
				some = append(some, e)
				break
			}
		}
	}
	if len(d.Operations) != 10 || len(held) != 10 {
		t.Errorf("%d operations are described and %d were called, want 10: %v", len(d.Operations), len(held), held)
	}
	hold(t, d, some)
}

// sameAddress compares operations whose paths name their values differently.
func sameAddress(a, b Operation) bool {
	return a.Method == b.Method && Shape(a.Path) == Shape(b.Path)
}
