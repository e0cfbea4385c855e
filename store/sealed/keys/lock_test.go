package keys_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"

	"zohocrm/store/sealed/keys"
)

// changes are all that change the keys of a file.
var changes = map[string]func(ctx context.Context, file string) error{
	"Rotate": func(ctx context.Context, file string) error {
		_, err := keys.Rotate(ctx, file, keys.Config{})
		return err
	},
	"Add": func(ctx context.Context, file string) error {
		_, err := keys.Add(ctx, file, keys.Config{})
		return err
	},
	"Promote": func(ctx context.Context, file string) error { return keys.Promote(ctx, file, 1, keys.Config{}) },
	"Retire": func(ctx context.Context, file string) error {
		return keys.Retire(ctx, file, keys.Retirement{ID: 1, Force: true}, keys.Config{})
	},
	"RefusePlain": func(ctx context.Context, file string) error {
		return keys.RefusePlain(ctx, file, true, keys.Config{})
	},
}

// TestHeldLock: a lock that somebody holds is waited for ten seconds, or until the
// caller has enough of it; the error names it, and nothing is changed.
func TestHeldLock(t *testing.T) {
	file, _ := created(t, keys.Config{})
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	held := flock.New(file + ".lock")
	if ok, err := held.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer held.Close()
	for name, change := range changes {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			err := change(t.Context(), file)
			refused(t, err, "another program is changing these keys, or "+file+".lock is held by something else: try again")
			if waited := time.Since(start); waited < 10*time.Second || waited > 11*time.Second {
				t.Errorf("%s waited %v", name, waited)
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			start = time.Now()
			err = change(ctx, file)
			refused(t, err, file+".lock")
			if waited := time.Since(start); !errors.Is(err, context.Canceled) || waited != time.Second {
				t.Errorf("%s waited %v: %v", name, waited, err)
			}
		})
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("the file was changed: %v", err)
	}
	if err := held.Unlock(); err != nil {
		t.Fatal(err)
	}
	if err := changes["Rotate"](t.Context(), file); err != nil {
		t.Errorf("given back, it is not free: %v", err)
	}
}
