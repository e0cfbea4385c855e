// Program zcrm logs in to Zoho CRM, keeps the tokens and makes calls with them.
package main

import (
	"os"

	"zohocrm/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
