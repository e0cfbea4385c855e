package cli

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// A demo that nobody reads any more, as with "| head", ends and takes its rows with it.
func TestDemoIntoClosedPipe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGPIPE there")
	}
	r := newRig(t)
	r.login("alice")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Cmd{Path: self, Args: []string{"zcrm", "demo", "--store", r.env["ZCRM_STORE"]}, Env: r.environ(), Stderr: &stderr} // see TestMain
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), " 2. What is kept") { // so Alice is stored
	}
	if err := stdout.Close(); err != nil {
		t.Fatal(err)
	}
	var ended *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &ended) || ended.ExitCode() != exitFailed || !strings.Contains(stderr.String(), "broken pipe") {
		t.Errorf("it ended with %v: %s", err, stderr.String())
	}
	if left := r.run("", "token", "list", "--json").stdout; strings.Count(left, `"id"`) != 1 {
		t.Errorf("left in the store: %s", left)
	}
}

// What cannot be written is no success.
func TestDemoIntoFullDevice(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no /dev/full here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	r := newRig(t)
	r.login("alice")
	var stderr bytes.Buffer
	code := Main([]string{"demo", "--store", r.env["ZCRM_STORE"]}, nil, full, &stderr, r.environ())
	if code != exitFailed || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	if left := r.run("", "token", "list", "--json").stdout; strings.Count(left, `"id"`) != 1 {
		t.Errorf("left in the store: %s", left)
	}
}
