// Command defects writes docs/defects.md: the defects of the official SDKs that
// docs and tests of this module go by, each with the tests that show that this
// module does not have it.
//
// A test says so itself, in the last line of its comment:
//
//	// Defects: D1, D23.
//
// So does a check of the kit in store/storetest, which every store passes, and a
// script in internal/cli/testdata, there behind "#". The tests of this command fail
// when the page is stale, when a defect has no test, and when a page of the
// documentation names a test that does not exist.
//
//	go run ./internal/defects
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// page is where the table goes, seen from the module's folder.
const page = "docs/defects.md"

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "defects:", err)
		os.Exit(1)
	}
}

// run writes the page of the module in folder root.
func run(root string) error {
	text, err := generate(os.DirFS(root))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, filepath.FromSlash(page)), text, 0o644) // #nosec G306 -- a page of the documentation
}

// generate makes the page of the module in fsys. A defect without a test, and a
// mark that means nothing, is an error.
func generate(fsys fs.FS) ([]byte, error) {
	found, err := scan(fsys)
	if err != nil {
		return nil, err
	}
	return render(defects(), found.marked)
}
