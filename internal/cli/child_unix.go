//go:build unix

package cli

import (
	"os/exec"
	"syscall"
)

// replaceProcess returns only if it failed.
func replaceProcess(c childProcess) error { return syscall.Exec(c.path, c.argv, c.env) } // #nosec G204 -- zcrm exec: the user's own command

// codeOf gives what a shell would: 128 and the signal's number for a command
// that a signal ended.
func codeOf(e *exec.ExitError) int {
	if status, ok := e.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return e.ExitCode()
}
