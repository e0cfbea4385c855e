package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
)

// program is zcrm as a file of its own, so that what it starts is zcrm too.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "zcrm") // the name by which TestMain knows it
	if os.Link(self, path) == nil {
		return path
	}
	from, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// watched runs zcrm and gives the command lines of it and of all that it starts, as
// /proc shows them to every user of the machine.
func watched(t *testing.T, cmd *exec.Cmd) map[string]bool {
	t.Helper()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	seen := map[string]bool{}
	for look := time.NewTicker(2 * time.Millisecond); ; {
		select {
		case <-ended:
			look.Stop()
			if found := findSecret(said.String()); found != "" {
				t.Errorf("it says a secret: %s", found)
			}
			return seen
		case <-look.C:
			for _, pid := range descendants(cmd.Process.Pid) {
				if line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && len(line) > 0 {
					seen[strings.ReplaceAll(strings.TrimRight(string(line), "\x00"), "\x00", " ")] = true
				}
			}
		}
	}
}

// descendants are a process and those that it and they have started.
func descendants(pid int) []int {
	all := []int{pid}
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return all
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // it has ended
		}
		for _, word := range strings.Fields(string(text)) {
			var child int
			if _, err := fmt.Sscan(word, &child); err == nil {
				all = append(all, descendants(child)...)
			}
		}
	}
	return all
}

// Secrets come by the environment and by stdin, so no command line holds one: not
// zcrm's, not a worker's, not the browser's.
func TestCommandLinesTellNoSecret(t *testing.T) {
	r := newRig(t)
	r.env["PATH"] = r.dir + ":" + os.Getenv("PATH")
	saw := filepath.Join(r.dir, "browser")
	script := "#!/bin/sh\nprintf '%s\\n' \"$@\" > " + saw + ".new; mv " + saw + ".new " + saw + "\n"
	if err := os.WriteFile(filepath.Join(r.dir, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	path := program(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := func(stdin string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, path, args...)
		cmd.Env, cmd.Stdin = r.environ(), strings.NewReader(stdin)
		return cmd
	}
	var lines []string
	note := func(seen map[string]bool, want string) {
		t.Helper()
		found := false
		for line := range seen {
			lines = append(lines, line)
			found = found || strings.Contains(line, want)
		}
		if !found {
			t.Errorf("no command line with %q was seen among %q", want, lines)
		}
	}

	note(watched(t, command(r.sim.Grant("alice"), "login", "--grant-token", "-")), "login --grant-token -")
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	note(watched(t, command("", "login", "--redirect-url", "http://localhost:"+port+"/callback", "--wait", "2s")), "login --redirect-url")
	page, err := os.ReadFile(saw)
	if err != nil {
		t.Fatal("no browser was started")
	}
	checkPage(t, strings.TrimSpace(string(page)))
	note(watched(t, command("", "exec", "--", "sleep", "0.3")), "sleep 0.3")
	note(watched(t, command("", "storm", "--processes", "2", "--goroutines", "2", "--expiries", "1")), "storm-worker")
	for _, line := range lines {
		if found := findSecret(line); found != "" {
			t.Errorf("a command line holds a secret: %s", line)
		}
	}

	u, err := url.Parse(servertest.MySQL(t)) // skips what follows without a server
	if err != nil {
		t.Fatal("not a URL")
	}
	password, _ := u.User.Password()
	u.User = url.User(u.User.Username())
	r.env["ZCRM_STORE_PASSWORD"] = password
	seen := watched(t, command("", "storm", "--store", u.String(), "--processes", "2", "--goroutines", "2", "--expiries", "1"))
	note(seen, "storm-worker")
	for line := range seen {
		if strings.Contains(line, password) {
			t.Error("the store's password is in a command line")
		}
	}
}

// checkPage knows all that the consent page is told. Of the verifier that is its
// hash.
func checkPage(t *testing.T, page string) {
	t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range u.Query() {
		public := []string{"client_id", "response_type", "redirect_uri", "scope", "access_type", "prompt", "state", "code_challenge", "code_challenge_method"}
		if !slices.Contains(public, name) {
			t.Errorf("the browser is told %s=%s", name, value)
		}
	}
	if u.Query().Get("code_challenge_method") != "S256" || len(u.Query().Get("state")) < 20 {
		t.Errorf("the browser is sent to %s", page)
	}
}
