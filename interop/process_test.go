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

// processTimeout bounds the life of each started process. On a machine with
// nothing else to do the longest lives for a tenth of it.
const processTimeout = 2 * time.Minute

// process is a started driver or worker: it prints that it is ready, and then
// answers each line that it is sent with a line.
type process struct {
	cmd    *exec.Cmd
	input  io.WriteCloser
	lines  *bufio.Scanner
	stderr bytes.Buffer
	ended  bool
}

// answer is one line that a process prints.
type answer struct {
	Ready bool            `json:"ready"`
	Cut   bool            `json:"cut"` // the file is empty, and will be written in a moment
	Ok    json.RawMessage `json:"ok"`
	Error *failure        `json:"error"`
}

// failure is how a step failed.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f *failure) Error() string { return f.Code + ": " + f.Message }

// spawn starts a process and waits until it is ready. It ends with the test, or
// before by close.
func spawn(t *testing.T, name string, args []string, env ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), processTimeout)
	t.Cleanup(cancel) // runs last
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
		if t.Failed() {
			cancel() // it may wait for what does not come any more
			_ = p.end()
		}
		p.close(t)
	})
	if !p.next(t).Ready {
		t.Fatal("the process began with another answer than that it is ready")
	}
	return p
}

// send sends a line, without waiting for the answer.
func (p *process) send(t *testing.T, order any) {
	t.Helper()
	text, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.input.Write(append(text, '\n')); err != nil {
		t.Fatalf("%v, %v", err, p.end())
	}
}

// next is the next answer.
func (p *process) next(t *testing.T) answer {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatalf("no answer: %v, %v", p.lines.Err(), p.end())
	}
	var a answer
	if err := json.Unmarshal(p.lines.Bytes(), &a); err != nil {
		t.Fatalf("an answer that is not one: %v", err)
	}
	return a
}

// close tells the process that there is no more to do, and waits for its end.
func (p *process) close(t *testing.T) {
	t.Helper()
	if err := p.end(); err != nil {
		t.Error(err)
	}
}

func (p *process) end() error {
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
