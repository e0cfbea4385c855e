package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"zohocrm/store/check"
)

// inspectRescues finds the files in which tokens are kept that a store did not
// take: see [app.rescue].
func (a *app) inspectRescues() []check.Finding {
	folders := []string{os.TempDir()}
	if folder, err := stateFolder(runtime.GOOS, a.getenv); err == nil {
		folders = append(folders, folder)
	}
	var files []string
	for _, folder := range folders {
		files = append(files, rescuesIn(folder)...)
	}
	if len(files) == 0 {
		return nil
	}
	return []check.Finding{{
		Severity: check.Warning, Code: "rescue-file",
		Text:   "tokens that a store did not take are kept in plain text: " + strings.Join(files, ", "),
		Remedy: "import each one into its store and delete it: zcrm token import FILE && rm FILE",
	}}
}

// rescuesIn lists the files that this user may read. The folder for temporary
// files holds those of others too.
func rescuesIn(folder string) []string {
	name := regexp.MustCompile(`^rescue-\d{8}T\d{6}\.\d{3}Z\.json$`)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil // there is none
	}
	var files []string
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if !name.MatchString(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		if f, err := os.Open(path); err == nil { // #nosec G304 -- a file of the state folder
			f.Close()
			files = append(files, path)
		}
	}
	return files
}
