package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"zohocrm/internal/servertest"
)

// kit is what the areas share.
type kit struct {
	dir    string // of this run, removed at its end
	rounds int

	ends    []func() error     // what the area that is measured has to undo, see later
	servers *servertest.Shared // nil: not needed yet
	program string             // zcrm; "": not built yet
}

func newKit(rounds int) (*kit, error) {
	if _, err := os.Stat("go.mod"); err != nil {
		return nil, errors.New("run it in the module's folder: go run ./bench")
	}
	dir, err := os.MkdirTemp("", "zohocrm-bench-")
	return &kit{dir: dir, rounds: rounds}, err
}

// later has undo run when the present area is done, the last first.
func (k *kit) later(undo func() error) { k.ends = append(k.ends, undo) }

func (k *kit) unwind() error {
	var errs []error
	for i := len(k.ends) - 1; i >= 0; i-- {
		errs = append(errs, k.ends[i]())
	}
	k.ends = nil
	return errors.Join(errs...)
}

func (k *kit) close() error {
	var err error
	if k.servers != nil {
		err = k.servers.Close()
	}
	return errors.Join(err, os.RemoveAll(k.dir))
}

// folder is a new folder of the present area.
func (k *kit) folder() (string, error) {
	dir, err := os.MkdirTemp(k.dir, "area-")
	if err == nil {
		k.later(func() error { return os.RemoveAll(dir) })
	}
	return dir, err
}

// server is the URL of a database server, by the name of its variable. Those that
// nobody named are started with the first that is asked for.
func (k *kit) server(ctx context.Context, env string) (string, error) {
	if os.Getenv(env) == "" && k.servers == nil {
		var err error
		if k.servers, err = servertest.StartShared(ctx, os.Stderr); err != nil {
			return "", err
		}
		for _, line := range k.servers.Environ() {
			name, value, _ := strings.Cut(line, "=")
			if err := os.Setenv(name, value); err != nil {
				return "", err
			}
		}
	}
	url := os.Getenv(env)
	if url == "" {
		return "", fmt.Errorf("no server: %s is not set, and none could be started", env)
	}
	return url, nil
}

// cleanTime bounds the removal of what a run has made, also after an interrupt.
const cleanTime = 30 * time.Second

// clean is a context for that.
func clean() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), cleanTime)
}

// zcrm is the path of the program as users run it, built when it is first needed.
func (k *kit) zcrm(ctx context.Context) (string, error) {
	if k.program != "" {
		return k.program, nil
	}
	path := filepath.Join(k.dir, "zcrm.exe") // the name that every system runs
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "./cmd/zcrm")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("zcrm cannot be built: %w\n%s", err, out)
	}
	k.program = path
	return path, nil
}
