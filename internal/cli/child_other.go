//go:build !unix

package cli

import (
	"errors"
	"os/exec"
)

// replaceProcess is for systems that have exec.
func replaceProcess(childProcess) error { return errors.ErrUnsupported }

func codeOf(e *exec.ExitError) int { return e.ExitCode() }
