package interop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"testing"
	"time"
)

// processTimeout bounds the life of each started process.
const processTimeout = 40 * time.Second

// answer is one line that the driver or a worker prints.
type answer struct {
	Ok      json.RawMessage `json:"ok"`
	Error   *failure        `json:"error"`
	Waiting bool            `json:"waiting"` // it is there, and goes on when told
}

// failure is how a step failed.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f *failure) Error() string { return f.Code + ": " + f.Message }

// process is a started driver or worker that prints answers.
type process struct {
	cmd    *exec.Cmd
	input  io.WriteCloser
	lines  *bufio.Scanner
	stderr bytes.Buffer
	ended  bool
}

// spawn starts a process, and kills it if the test ends before it.
func spawn(t *testing.T, name string, args []string, env ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), processTimeout)
	p := &process{cmd: exec.CommandContext(ctx, name, args...)}
	p.cmd.Env = append(p.cmd.Environ(), env...)
	p.cmd.Stderr = &p.stderr
	p.cmd.WaitDelay = time.Second
	input, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.input, p.lines = input, bufio.NewScanner(output)
	p.lines.Buffer(nil, 4<<20)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if !p.ended {
			_ = p.cmd.Wait()
		}
	})
	return p
}

// next is the next answer.
func (p *process) next(t *testing.T) answer {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatalf("no further answer: %v, %v", p.lines.Err(), p.finish())
	}
	var a answer
	if err := json.Unmarshal(p.lines.Bytes(), &a); err != nil {
		t.Fatalf("an answer that is not one: %v", err)
	}
	return a
}

// awaits reads answers until the process waits to be told to go on.
func (p *process) awaits(t *testing.T) {
	t.Helper()
	for {
		a := p.next(t)
		if a.Error != nil {
			t.Fatal(a.Error)
		}
		if a.Waiting {
			return
		}
	}
}

// goOn tells a waiting process to go on.
func (p *process) goOn(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(p.input, "go on\n"); err != nil {
		t.Fatal(err)
	}
}

// rest reads the answers to come, and waits for the process to end well.
func (p *process) rest(t *testing.T) []answer {
	t.Helper()
	var all []answer
	for p.lines.Scan() {
		var a answer
		if err := json.Unmarshal(p.lines.Bytes(), &a); err != nil {
			t.Fatalf("an answer that is not one: %v", err)
		}
		if !a.Waiting {
			all = append(all, a)
		}
	}
	if err := p.finish(); err != nil {
		t.Fatal(err)
	}
	return all
}

func (p *process) finish() error {
	if p.ended {
		return nil
	}
	p.ended = true
	_ = p.input.Close()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, lastLines(p.stderr.String(), 5))
	}
	return nil
}

// value decodes an answer that must not be a failure.
func value[V any](t *testing.T, a answer) V {
	t.Helper()
	var v V
	if a.Error != nil {
		t.Fatal(a.Error)
	}
	if err := json.Unmarshal(a.Ok, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
