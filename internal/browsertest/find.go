package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// EnvBrowser names the browser to use, a Chromium of any kind, instead of the one
// that is looked for.
const EnvBrowser = "ZCRM_TEST_BROWSER"

const advice = "apt-get install chromium, or set " + EnvBrowser + " to a Chromium or Chrome"

// program is the path of the browser.
func program(t testing.TB) string {
	t.Helper()
	path, ok := find()
	if ok {
		return path
	}
	if canInstall() {
		t.Log("browsertest: installing chromium with apt-get")
		if err := install(); err != nil {
			t.Fatalf("%v; %s", err, advice)
		}
		if path, ok = find(); ok {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("there is no browser, and CI=true: %s", advice)
	}
	t.Skipf("there is no browser: %s", advice)
	return ""
}

func find() (string, bool) {
	if path := os.Getenv(EnvBrowser); path != "" {
		return path, true
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

func canInstall() bool {
	_, err := exec.LookPath("apt-get")
	return err == nil && os.Geteuid() == 0
}

// install runs apt-get, once for all test programs that run at the same time.
func install() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	lock := flock.New(filepath.Join(os.TempDir(), "zohocrm-browsertest.lock"))
	if _, err := lock.TryLockContext(ctx, 200*time.Millisecond); err != nil {
		return fmt.Errorf("another test installs the browser: %w", err)
	}
	defer lock.Close()
	if _, ok := find(); ok {
		return nil // the other one has
	}
	for _, args := range [][]string{
		{"update", "-q"},
		{"install", "-y", "-q", "--no-install-recommends", "chromium", "fonts-dejavu-core"},
	} {
		cmd := exec.CommandContext(ctx, "apt-get", append([]string{"-o", "DPkg::Lock::Timeout=300"}, args...)...) // #nosec G204 -- the arguments are those above
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // lets it leave its data whole
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w: %s", args[0], err, lastOf(out))
		}
	}
	return nil
}

// lastOf is the end of a program's output.
func lastOf(out []byte) []byte { return out[max(0, len(out)-500):] }
