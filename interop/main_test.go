package interop

import (
	"fmt"
	"os"
	"testing"
)

// workerEnv makes the test program a writer of its own, see work.
const workerEnv = "ZCRM_INTEROP_WORKER"

func TestMain(m *testing.M) {
	if job := os.Getenv(workerEnv); job != "" {
		if err := work(job, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
