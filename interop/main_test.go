package interop

import (
	"fmt"
	"io"
	"os"
	"testing"
)

// With one of these in its environment the test program is a process of its own,
// see work and wake.
const (
	workerEnv = "ZCRM_INTEROP_WORKER"
	wakerEnv  = "ZCRM_INTEROP_WAKER"
)

func TestMain(m *testing.M) {
	for name, run := range map[string]func(job string, in io.Reader, out io.Writer) error{workerEnv: work, wakerEnv: wake} {
		job := os.Getenv(name)
		if job == "" {
			continue
		}
		if err := run(job, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if built.folder != "" {
		if err := os.RemoveAll(built.folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}
