package main

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// endWithParent has this process told to end when its parent dies: "go run"
// does not pass SIGTERM on.
func endWithParent() error {
	return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGTERM), 0, 0, 0)
}

// endWithUs ends the command when this process dies, however it dies.
func endWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }
