// With runs a command beside real database servers: MariaDB, PostgreSQL,
// PgBouncer and Redis on ports of their own, with their addresses in the
// command's environment (see package servertest). It passes signals on to the
// command, ends with its exit code, and leaves nothing behind.
//
//	go run ./internal/servertest/with -- go test ./...
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"zohocrm/internal/servertest"
)

// Exit codes of our own, as env(1) and the shell have them.
const (
	exitFailed    = 125 // the servers could not be started or removed
	exitNotRun    = 127 // the command could not be started
	exitBySignals = 128 // plus the signal that ended the command
)

func main() { os.Exit(run(os.Args[1:], os.Stderr)) }

func run(args []string, stderr io.Writer) (code int) {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(stderr, "usage: with -- COMMAND [ARGUMENT]...")
		return exitFailed
	}
	if err := endWithParent(); err != nil {
		return failed(stderr, err)
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	servers, err := start(signals, stderr)
	if err != nil {
		return failed(stderr, err)
	}
	defer func() {
		if err := servers.Close(); err != nil {
			code = failed(stderr, err)
		}
	}()
	return command(args, servers.Environ(), signals, stderr)
}

func failed(stderr io.Writer, err error) int {
	fmt.Fprintln(stderr, "with:", err)
	return exitFailed
}

// start starts the servers. A signal stops it.
func start(signals <-chan os.Signal, stderr io.Writer) (*servertest.Shared, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	started := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case s := <-signals:
			cancel(fmt.Errorf("stopped by a signal: %v", s))
		case <-started:
		}
	}()
	servers, err := servertest.StartShared(ctx, stderr)
	close(started)
	<-watched
	stopped := context.Cause(ctx)
	cancel(nil)
	if stopped == nil || err != nil {
		return servers, errors.Join(stopped, err)
	}
	return nil, errors.Join(stopped, servers.Close())
}

// command runs the command to its end and answers its exit code.
func command(args, env []string, signals <-chan os.Signal, stderr io.Writer) int {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = endWithUs()
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(stderr, "with:", err)
		return exitNotRun
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // it may have ended this moment, which the other case sees
		case <-ended:
			return exitCode(cmd.ProcessState)
		}
	}
}

func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitBySignals + int(status.Signal())
	}
	return state.ExitCode()
}
