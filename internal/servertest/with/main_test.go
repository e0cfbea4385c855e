package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"zohocrm/internal/servertest"
)

const asMain = "ZCRM_TEST_WITH_MAIN"

// TestMain makes the test binary the program itself when it is asked to.
func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

func servers() []string {
	return []string{servertest.EnvMySQL, servertest.EnvPostgres, servertest.EnvPgBouncer, servertest.EnvRedis}
}

// with is the program about to be run, with these servers named already, and
// the folder in which it keeps its data.
func with(t *testing.T, named []string, args ...string) (*exec.Cmd, string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no servers on Windows")
	}
	dir, err := os.MkdirTemp("", "w") // not t.TempDir: servers of another user pass through it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], append([]string{"--"}, args...)...)
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "ZCRM_TEST_") {
			cmd.Env = append(cmd.Env, line)
		}
	}
	cmd.Env = append(cmd.Env, asMain+"=1", "TMPDIR="+dir)
	for _, name := range named {
		cmd.Env = append(cmd.Env, name+"=elsewhere")
	}
	return cmd, dir
}

func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(dir + "/*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"true"}, 0},
		{[]string{"sh", "-c", "exit 7"}, 7},
		{[]string{"sh", "-c", "kill -KILL $$"}, 128 + 9},
		{[]string{"zcrm-no-such-program"}, exitNotRun},
		{nil, exitFailed},
	} {
		cmd, dir := with(t, servers(), c.args...)
		out, _ := cmd.CombinedOutput() // the code is looked at
		if got := cmd.ProcessState.ExitCode(); got != c.want {
			t.Errorf("%q: exit code %d, want %d\n%s", c.args, got, c.want, out)
		}
		empty(t, dir)
	}
}

// The command sees every server, and after it they are gone.
func TestServers(t *testing.T) {
	cmd, dir := with(t, nil, "env")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	env := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[name] = value
	}
	for _, name := range servers() {
		if env[name] == "" {
			if os.Getenv("CI") == "true" {
				t.Errorf("%s is not set\n%s", name, errs.String())
			}
			continue
		}
		refused(t, env[name])
	}
	empty(t, dir)
}

// refused waits until nobody listens at a server's URL.
func refused(t *testing.T, server string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("not a URL") // the error would show the password
	}
	end := time.Now().Add(20 * time.Second)
	for {
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			return
		}
		conn.Close()
		if time.Now().After(end) {
			t.Fatalf("%s is still there", u.Scheme)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// waiting runs a command that says it is there, and where Redis is, and ends
// with 9 at SIGTERM or SIGINT.
func waiting(t *testing.T, named []string) (cmd *exec.Cmd, dir, redis string) {
	t.Helper()
	cmd, dir = with(t, named, "sh", "-c", `trap 'exit 9' TERM INT; echo "at $ZCRM_TEST_REDIS"; while :; do sleep 1 & wait; done`)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the command did not begin: %v, %v", err, cmd.Wait())
	}
	go io.Copy(io.Discard, out) // ends with the command
	redis, found := strings.CutPrefix(strings.TrimSpace(line), "at ")
	if !found {
		t.Fatalf("the command said %q", line)
	}
	return cmd, dir, redis
}

func TestSignals(t *testing.T) {
	for _, s := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		cmd, dir, _ := waiting(t, servers())
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // the code is looked at
		if got := cmd.ProcessState.ExitCode(); got != 9 {
			t.Errorf("after %v: exit code %d, want 9", s, got)
		}
		empty(t, dir)
	}
}

// Even when it is killed, no server outlives it.
func TestKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends the children of a process that was killed")
	}
	if _, err := exec.LookPath("redis-server"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("no Redis")
	}
	cmd, _, redis := waiting(t, servers()[:3])
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	refused(t, redis)
}
