package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// command runs zcrm, which keeps what it must in a folder of its own.
type command struct{ program, dir string }

// command is zcrm with a new folder.
func (k *kit) command(ctx context.Context) (command, error) {
	program, err := k.zcrm(ctx)
	if err != nil {
		return command{}, err
	}
	dir, err := k.folder()
	return command{program, dir}, err
}

// ran is one whole life of a process.
type ran struct {
	took time.Duration
	peak int64 // most memory, in bytes; 0: not known
}

// run is one run of the command, whose JSON goes into told, unless that is nil.
//
// A process's greatest memory is never told as less than that of the process that
// started it, so what is measured so comes first, while this one is small.
func (c command) run(ctx context.Context, told any, args ...string) (ran, error) {
	cmd := exec.CommandContext(ctx, c.program, args...) // #nosec G204 -- the program was just built here
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+c.dir)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	began := time.Now()
	err := cmd.Run()
	r := ran{took: time.Since(began)}
	if err != nil {
		return r, fmt.Errorf("zcrm %s: %w: %s", args[0], err, bytes.TrimSpace(trouble.Bytes()))
	}
	r.peak = peakMemory(cmd.ProcessState)
	if told != nil {
		err = json.Unmarshal(out.Bytes(), told)
	}
	return r, err
}

func (r ran) memory() string {
	if r.peak == 0 {
		return "memory not known on this system"
	}
	return fmt.Sprintf("%d MB", r.peak/1e6)
}
