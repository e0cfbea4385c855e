package storm

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// process is a worker as its parent sees it.
type process struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	encoder *json.Encoder
	reports chan report // closed when the worker ends
	killed  bool
}

// start starts a worker and waits until it is ready. Its reports go to all, with
// the process they are from.
func start(cfg Config, s setup) (*process, error) {
	cmd := exec.Command(cfg.Worker[0], cfg.Worker[1:]...) // #nosec G204 -- this program itself
	cmd.Env, cmd.Stderr = cfg.Environ, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("a worker could not be started: %w", err)
	}
	p := &process{cmd: cmd, in: in, encoder: json.NewEncoder(in), reports: make(chan report, 4)}
	go func() {
		defer close(p.reports)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			var r report
			if json.Unmarshal(lines.Bytes(), &r) == nil {
				p.reports <- r
			}
		}
	}()
	if err := p.encoder.Encode(s); err != nil { // #nosec G117 -- to the worker's stdin, so that no command line holds the password
		return nil, p.failed(err)
	}
	if r, ok := <-p.reports; !ok || !r.Ready {
		return nil, p.failed(fmt.Errorf("it did not get ready"))
	}
	return p, nil
}

func (p *process) failed(err error) error {
	p.kill()
	return fmt.Errorf("a worker: %w", err)
}

// kill ends the worker as a crash would, and waits for its end.
func (p *process) kill() {
	p.killed = true
	p.cmd.Process.Kill()
	p.end()
}

// end lets the worker finish, and waits for it.
func (p *process) end() error {
	p.in.Close()
	for range p.reports {
	}
	return p.cmd.Wait()
}
