package servertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// process is a running server. A goroutine waits for its end; stop waits for
// that goroutine.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // why it ended; to be read after ended is closed
}

// run starts a program in dir that lives no longer than this process. Its
// output is appended to the log file.
func (a account) run(argv []string, dir, log string, atOurEnd syscall.Signal) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close() // the process has its own
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, environ(dir)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = a.attributes(atOurEnd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		if p.err = cmd.Wait(); p.err == nil {
			p.err = errors.New("exit status 0")
		}
	}()
	return p, nil
}

// environ keeps the caller's settings, PGDATA and the like, away from a server.
func environ(dir string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "LC_ALL=C", "TZ=UTC"}
}

// stop sends a signal and waits for the end.
func (p *process) stop(with syscall.Signal) error {
	select {
	case <-p.ended:
		return nil
	default:
	}
	if err := p.cmd.Process.Signal(with); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	patience := time.NewTimer(stopTime)
	defer patience.Stop()
	select {
	case <-p.ended:
		return nil
	case <-patience.C:
	}
	err := p.cmd.Process.Kill()
	<-p.ended
	return errors.Join(err, fmt.Errorf("%s did not end within %s and was killed", p.cmd.Path, stopTime))
}

// do runs a program to its end. What it says becomes part of the error.
func (a account) do(ctx context.Context, argv []string, dir string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, environ(dir)
	cmd.SysProcAttr = a.attributes(syscall.SIGKILL)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", argv[0], err, out)
	}
	return nil
}
