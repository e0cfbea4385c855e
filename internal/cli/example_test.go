package cli_test

import (
	"fmt"
	"os"
	"strings"

	"zohocrm/internal/cli"
)

// The program as a function: arguments, streams and environment in, exit code
// out.
func ExampleMain() {
	env := []string{"ZCRM_STORE=memory:"}
	code := cli.Main([]string{"token", "list", "--json"}, strings.NewReader(""), os.Stdout, os.Stdout, env)
	fmt.Println("exit code", code)
	code = cli.Main([]string{"token", "get"}, strings.NewReader(""), os.Stdout, os.Stdout, env)
	fmt.Println("exit code", code)
	// Output:
	// []
	// exit code 0
	// zcrm: token get: no such token: memory: is empty; connect a user: zcrm login
	// exit code 3
}
