package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/sim"
)

// program is the zcrm program as users run it, with a simulator that is zcrm too.
type program struct {
	path string
	url  string // of the simulator
}

// built is the program in a folder that all tests share; TestMain removes it.
var built struct {
	sync.Once
	folder string
	err    error
}

func buildProgram() {
	if built.folder, built.err = os.MkdirTemp("", "zcrm-interop-"); built.err != nil {
		return
	}
	out, err := exec.Command("go", "build", "-o", programPath(), "../cmd/zcrm").CombinedOutput()
	if err != nil {
		built.err = fmt.Errorf("zcrm cannot be built: %w: %s", err, lastLines(string(out), 5))
	}
}

func programPath() string { return filepath.Join(built.folder, "zcrm.exe") } // the name that every system runs

// startProgram builds zcrm and starts "zcrm sim", which ends with the test.
func startProgram(t *testing.T) program {
	t.Helper()
	if built.Do(buildProgram); built.err != nil {
		t.Fatal(built.err)
	}
	p := program{path: programPath()}
	ctx, cancel := context.WithTimeout(context.Background(), processTimeout)
	cmd := exec.CommandContext(ctx, p.path, "sim", "--addr", "127.0.0.1:0", "--json")
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
	})
	var told struct {
		AccountsURL string `json:"accounts_url"`
		ClientID    string `json:"client_id"`
	}
	if err := json.NewDecoder(out).Decode(&told); err != nil || told.ClientID != clientID {
		t.Fatalf("zcrm sim told %+v, %v", told, err)
	}
	p.url = told.AccountsURL
	return p
}

// run runs zcrm on a store and returns what it printed.
func (p program) run(t *testing.T, storeURL string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), p.path, args...)
	cmd.Env = append(os.Environ(), "ZCRM_STORE="+storeURL, "ZCRM_ACCOUNTS_URL="+p.url, "ZCRM_API_URL="+p.url,
		"ZCRM_CLIENT_ID="+clientID, "ZCRM_CLIENT_SECRET="+clientSecret, "XDG_STATE_HOME="+t.TempDir())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("zcrm %s: %v: %s", args[0], err, lastLines(stderr.String(), 5))
	}
	return stdout.String()
}

// control asks one of the simulator's own paths.
func (p program) control(t *testing.T, path string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the simulator answers %s, %v", resp.Status, err)
	}
}

func (p program) grant(t *testing.T, user string) string {
	t.Helper()
	var granted struct{ Code string }
	p.control(t, "/sim/grant?user="+url.QueryEscape(emailOf(user)), &granted)
	return granted.Code
}

func (p program) refreshes(t *testing.T) int64 {
	t.Helper()
	var c sim.Counters
	p.control(t, "/sim/counters", &c)
	return c.Refreshes
}

// The zcrm program and a Node program on one file, against "zcrm sim".
func TestInteropProgram(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	file := filepath.Join(t.TempDir(), "sdk_tokens.txt")
	n := startNode(t, file, p.url)
	byNode := n.connect(t, p.grant(t, alice))
	if who := p.run(t, "csv:"+file, "api", "/crm/v8/users", "-q", "type=CurrentUser"); !strings.Contains(who, emailOf(alice)) {
		t.Errorf("zcrm api, with the token that Node brought, does not tell who she is: %d bytes", len(who))
	}
	if token := strings.TrimSpace(p.run(t, "csv:"+file, "token", "get")); token != byNode.AccessToken {
		t.Error("zcrm token get prints another token than Node brought")
	}

	p.run(t, "csv:"+file, "login", "--grant-token", p.grant(t, bob))
	rows := n.list(t)
	if len(rows) != 2 || rows[0] != byNode || rows[1].UserName != bob || rows[1].ClientSecret != clientSecret {
		t.Fatalf("after zcrm login Node reads %v", rows)
	}

	rewrite(t, file, expired)
	before := p.refreshes(t)
	refreshed := strings.TrimSpace(p.run(t, "csv:"+file, "token", "get", "--user", bob))
	seen := n.call(t, alice, bob)
	if seen[0].Email != emailOf(alice) || seen[1].Email != emailOf(bob) || seen[1].Row.AccessToken != refreshed {
		t.Errorf("Node was seen as %s and %s; with the token of zcrm: %v", seen[0].Email, seen[1].Email, seen[1].Row.AccessToken == refreshed)
	}
	if got := strings.TrimSpace(p.run(t, "csv:"+file, "token", "get", "--user", alice)); got != seen[0].Row.AccessToken {
		t.Error("zcrm token get prints another token than Node refreshed")
	}
	if count := p.refreshes(t) - before; count != 2 {
		t.Errorf("%d refreshes of two expired tokens, one by each", count)
	}
}

// A login by zcrm into a file of any official SDK leaves a file from which Node
// reads all that was there, and the new user.
func TestFixtureFilesAfterTheProgram(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	n := startNode(t, filepath.Join(t.TempDir(), "none"), "")
	for i, f := range csvFixtures() {
		file := copyOf(t, filepath.Join("testdata", f.file))
		user := people()[i%len(people())]
		p.run(t, "csv:"+file, "login", "--grant-token", p.grant(t, user))
		rows := goList(t, file)
		if len(rows) != len(f.rows)+1 || rows[len(f.rows)].UserName != user {
			t.Errorf("%s: zcrm login left %v", f.file, rows)
			continue
		}
		sameRows(t, fmt.Sprintf("%s, after zcrm login", f.file), rows[:len(f.rows)], f.rows)
		readByNode(t, n, file, rows)
	}
}
