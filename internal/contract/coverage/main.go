// Command coverage writes docs/coverage.md: for each of the operations of Zoho's
// OpenAPI files, the methods of package crm that call it, and whether
// crm.Client.Do can.
//
// Neither is claimed by hand. It runs the script of package contract, which calls
// every method of every service against the simulator, and names the methods that
// were seen to call an operation and succeeded; and it sends every operation
// through Do.
//
// The operations are those of internal/contract/operations.txt, which it writes
// anew where the files are at hand. The tests of this command and of package
// contract fail when the page or that list is stale.
//
//	go run ./internal/contract/coverage
//	go run ./internal/contract/coverage -oas ../shared/oas
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"zohocrm/internal/contract"
)

// page is where the tables go, seen from the module's folder.
const page = "docs/coverage.md"

func main() {
	folder := flag.String("oas", "../shared/oas", "folder of Zoho's OpenAPI files (github.com/zoho/crm-oas); where it is not there, the list of operations stays as it is")
	flag.Parse()
	if err := run(context.Background(), ".", *folder); err != nil {
		fmt.Fprintln(os.Stderr, "coverage:", err)
		os.Exit(1)
	}
}

// run writes the page, and the list, of the module in folder root.
func run(ctx context.Context, root, oas string) error {
	operations, err := contract.Operations()
	if err != nil {
		return err
	}
	if _, err := os.Stat(oas); err == nil {
		if operations, err = contract.OperationsIn(oas); err != nil {
			return err
		}
		if err := write(root, contract.ListFile, []byte(contract.List(operations))); err != nil {
			return err
		}
	}
	text, err := generate(ctx, operations)
	if err != nil {
		return err
	}
	return write(root, page, text)
}

func write(root, name string, text []byte) error {
	return os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), text, 0o644) // #nosec G306 -- a page of the documentation
}

// generate makes the page.
func generate(ctx context.Context, operations []contract.Operation) ([]byte, error) {
	record, err := contract.Run(ctx)
	if err != nil {
		return nil, err
	}
	reached, err := contract.Reached(ctx, operations)
	if err != nil {
		return nil, err
	}
	return render(operations, callers(operations, record), reached), nil
}
