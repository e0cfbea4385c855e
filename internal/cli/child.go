package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// childProcess is a command to run in zcrm's place.
type childProcess struct {
	path     string // of the program
	argv     []string
	env      []string
	in       io.Reader
	out, err io.Writer
}

// become runs the command in zcrm's place. Where the system can, the process
// itself turns into the command, so that exit code, signals and terminal are the
// command's own without anybody in between; then become does not return.
func become(_ context.Context, c childProcess) error {
	if c.in == os.Stdin && c.out == os.Stdout && c.err == os.Stderr {
		if err := replaceProcess(c); !errors.Is(err, errors.ErrUnsupported) {
			return fmt.Errorf("the command cannot be started: %w", err)
		}
	}
	return runChild(c)
}

// runChild waits for the command. An interrupt from the terminal reaches both
// processes; zcrm leaves the decision to the command and outlives it.
func runChild(c childProcess) error {
	cmd := exec.Cmd{Path: c.path, Args: c.argv, Env: c.env, Stdin: c.in, Stdout: c.out, Stderr: c.err}
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ended):
		return &childExit{codeOf(ended)}
	}
	return fmt.Errorf("the command cannot be started: %w", err)
}
