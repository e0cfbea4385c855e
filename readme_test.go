package zohocrm_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// blocks are the fenced blocks of a page that begin with ```info.
func blocks(t *testing.T, file, info string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile("(?ms)^```"+info+"\n(.*?)^```").FindAllStringSubmatch(string(data), -1) {
		found = append(found, m[1])
	}
	if len(found) == 0 {
		t.Fatalf("%s has no block ```%s", file, info)
	}
	return found
}

// The lines that work offline do, as they stand.
func TestReadmeLinesWork(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the lines are for a Unix shell")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	for _, block := range blocks(t, "README.md", "sh offline") {
		script := strings.NewReplacer(
			"127.0.0.1:8800", addr, "csv:tokens.csv", "csv:"+dir+"/tokens.csv",
			// A person is slower than a script: wait for the simulator.
			"zcrm sim &\n", "zcrm sim --addr "+addr+" &\nuntil curl -sf http://"+addr+"/sim/counters >/dev/null; do sleep 0.05; done\n",
		).Replace(block)
		if !strings.Contains(script, addr) || !strings.Contains(script, dir) {
			t.Fatal("the block does not name the simulator's address or the token file any more")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "bash", "-eu", "-o", "pipefail", "-c", "trap 'kill $(jobs -p)' EXIT\n"+script)
		cmd.WaitDelay = 5 * time.Second
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		for _, want := range []string{"alice@example.com:10001", "Last_Name", `"zgid":"10001"`} {
			if !strings.Contains(strings.ReplaceAll(out.String(), `": "`, `":"`), want) {
				t.Errorf("the lines did not print %s:\n%s", want, out.String())
			}
		}
	}
}

// The Go program of the README is examples/readme, word for word.
func TestReadmeProgramCompiles(t *testing.T) {
	program, err := os.ReadFile("examples/readme/main.go")
	if err != nil {
		t.Fatal(err)
	}
	indent := regexp.MustCompile(`(?m)^\t`)
	for _, block := range blocks(t, "README.md", "go") {
		if !strings.Contains(indent.ReplaceAllString(string(program), ""), block) {
			t.Errorf("examples/readme/main.go does not hold this block of the README:\n%s", block)
		}
	}
}
