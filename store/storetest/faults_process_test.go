package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"zohocrm/oauth"
)

// processFault breaks what only processes can notice.
type processFault struct {
	name   string
	fails  []string
	openAt func(ctx context.Context, location string) (oauth.Store, error)
}

func processFaults() []processFault {
	all := []string{"ProcessesTogether", "ProcessKilled", "LeaseReopened", "LeaseProcesses", "LeaseProcessKilled"}
	return []processFault{
		{"keeps everything in its own memory", all, func(context.Context, string) (oauth.Store, error) {
			return backend(sound()).Open(nil), nil
		}},
		{"can be opened once", all, func(_ context.Context, location string) (oauth.Store, error) {
			f, err := os.OpenFile(location, os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return nil, errors.Join(oauth.ErrStoreUnavailable, err)
			}
			return backend(sound()).Open(nil), f.Close()
		}},
		{"ends the program", all, func(context.Context, string) (oauth.Store, error) {
			if _, worker := workerOf(os.Getenv); worker {
				os.Exit(3)
			}
			return backend(sound()).Open(nil), nil
		}},
		{"stays locked by the dead", []string{"ProcessKilled", "LeaseProcessKilled"}, func(_ context.Context, location string) (oauth.Store, error) {
			if _, worker := workerOf(os.Getenv); worker {
				return backend(sound()).Open(nil), os.WriteFile(location, nil, 0o600)
			}
			return nil, oauth.ErrStoreUnavailable
		}},
	}
}

// TestProcessFaults is also what the workers run.
func TestProcessFaults(t *testing.T) {
	for _, fault := range processFaults() {
		t.Run(fault.name, func(t *testing.T) {
			b := Backend{
				Location: func(t testing.TB) string { return filepath.Join(t.TempDir(), "store") },
				OpenAt:   fault.openAt,
			}
			if _, worker := workerOf(os.Getenv); worker {
				Run(t, b)
				return
			}
			b.Open = backend(sound()).Open
			b.runner, b.patience = t.Name(), patience
			for _, name := range fault.fails {
				r := record(t, checkNamed(t, name), b)
				if !r.Failed() {
					t.Errorf("check %s does not notice", name)
				}
			}
		})
	}
}

// TestWorkersRunNothingElse: the pattern by which a worker finds its test.
func TestWorkersRunNothingElse(t *testing.T) {
	if got, want := exactly("TestStore/my_sql.(8)"), `^TestStore$/^my_sql\.\(8\)$`; got != want {
		t.Errorf("pattern %q, want %q", got, want)
	}
}
