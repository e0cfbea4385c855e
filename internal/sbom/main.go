// Command sbom prints the bill of materials of a program that Go built: a CycloneDX
// 1.6 document in JSON, of the modules that are linked into it, as Go itself wrote
// them into the file. What is only used to test or to build is not in it.
//
//	go run ./internal/sbom bin/zcrm > zcrm.cdx.json
package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// run prints the document of the program that args name.
func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("name one program, as in: go run ./internal/sbom bin/zcrm")
	}
	info, err := buildinfo.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("%s is not a program that Go built: %w", args[0], err)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(describe(info))
}
