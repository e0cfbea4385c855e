//go:build unix

package storm

import (
	"os"
	"syscall"
)

// suspend stops a process without its knowing, and answers how it goes on.
func suspend(p *os.Process) (resume func()) {
	p.Signal(syscall.SIGSTOP)
	return func() { p.Signal(syscall.SIGCONT) }
}
