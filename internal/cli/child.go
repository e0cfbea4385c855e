package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
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
			return notStarted(err)
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
	return notStarted(err)
}

// unstartedError is a command that could not be run, with the code that a shell
// would end with.
type unstartedError struct {
	code int
	text string
}

func (e *unstartedError) Error() string { return e.text }

// notStarted says why a command could not be run. Its name is not repeated: of a
// line typed wrongly it could be anything.
func notStarted(err error) error {
	e := &unstartedError{exitNotRun, "the command cannot be run: it is a folder, or has no program in it; name an executable file"}
	switch {
	case errors.Is(err, exec.ErrDot):
		e.text = "the command is in this folder and not on the PATH: write ./ before its name"
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		e.code, e.text = exitNoCommand, "there is no such command: look at its spelling and at PATH"
	case errors.Is(err, fs.ErrPermission):
		e.text = "the command cannot be run: it is not executable; chmod +x would make it so"
	}
	return advisedError{e}
}
