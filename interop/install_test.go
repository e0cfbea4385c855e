package interop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

const (
	installTimeout = 3 * time.Minute
	oldestNode     = 18 // major version that the driver needs
)

// needNode makes sure that the official SDK can be run, and returns the folder
// of its driver. Without Node.js, npm or a registry the test is skipped; with
// CI=true, where a skipped test would go unnoticed, it fails.
func needNode(t *testing.T) string {
	t.Helper()
	folder, err := installed()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	return folder
}

// installed installs the SDK if it is not, once in this process.
var installed = sync.OnceValues(func() (string, error) {
	folder, err := filepath.Abs("node")
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), installTimeout)
	defer cancel()
	if err := checkNode(ctx); err != nil {
		return "", fmt.Errorf("%w: install Node.js %d or newer with npm (Debian: apt-get install nodejs npm)", err, oldestNode)
	}
	if err := install(ctx, folder); err != nil {
		return "", fmt.Errorf("the official SDK is not installed: %w: run npm ci in interop/node where an npm registry can be reached", err)
	}
	return folder, nil
})

func checkNode(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return fmt.Errorf("node cannot be run: %w", err)
	}
	version := strings.TrimSpace(string(out))
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldestNode {
		return fmt.Errorf("node is %s", version)
	}
	return nil
}

// install runs npm ci unless node_modules is what package-lock.json says. The
// lock file is also locked, so that two test runs do not install at once.
func install(ctx context.Context, folder string) error {
	lockFile := filepath.Join(folder, "package-lock.json")
	lock := flock.New(lockFile, flock.SetFlag(os.O_RDONLY))
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return err
	}
	defer lock.Unlock()
	text, err := os.ReadFile(lockFile)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	wanted := []byte(hex.EncodeToString(sum[:]) + "\n")
	mark := filepath.Join(folder, "node_modules", ".installed") // written last, gone when npm ci begins
	if have, err := os.ReadFile(mark); err == nil && bytes.Equal(have, wanted) {
		return nil
	}
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
	npm.Dir = folder
	npm.WaitDelay = time.Second
	if out, err := npm.CombinedOutput(); err != nil {
		return errors.Join(err, errors.New(firstLines(string(out), 3)))
	}
	return os.WriteFile(mark, wanted, 0o644)
}

// firstLines are those of npm that say what is wrong.
func firstLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[:min(n, len(lines))], "; ")
}

// lastLines are those of a program that failed.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "; ")
}
