package sqlite_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs a copy of the test binary that a test has started, else the tests.
func TestMain(m *testing.M) {
	if task := os.Getenv(workerTask); task != "" {
		os.Exit(work(task))
	}
	goleak.VerifyTestMain(m)
}
