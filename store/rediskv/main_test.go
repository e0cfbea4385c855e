package rediskv

import (
	"os"
	"testing"

	"github.com/redis/go-redis/v9/logging"
)

// TestMain silences the client, which writes every failure to standard error.
func TestMain(m *testing.M) {
	logging.Disable()
	os.Exit(m.Run())
}
