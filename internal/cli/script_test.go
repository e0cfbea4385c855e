package cli

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// The scripts in testdata run the real program. Their browser is xdg-open below.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"zcrm": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) },
		// The name under which the program looks for a browser on Linux.
		"xdg-open": func() {
			fmt.Println("the browser talks on stdout")
			if file := os.Getenv("BROWSER_INHERITS"); file != "" {
				if err := os.WriteFile(file, []byte(strings.Join(os.Environ(), "\n")), 0o600); err != nil {
					os.Exit(1)
				}
			}
			os.Exit(browse(os.Args[1], os.Getenv("BROWSER_DOES")))
		},
		// A command for exec: prints the token's variables and ends with 7.
		"show-token": func() {
			fmt.Println("token", len(os.Getenv("ZOHO_ACCESS_TOKEN")) > 0, "domain", os.Getenv("ZOHO_API_DOMAIN"), os.Args[1:])
			os.Exit(7)
		},
	})
}

// plantedSecret is the client secret of all scripts; like the tokens it must
// never be printed.
const plantedSecret = "planted-client-secret-7f3a"

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setUpScript(t, env) },
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run":     scriptRun,
			"reveal":  scriptReveal,
			"grant":   scriptGrant,
			"advance": scriptAdvance,
			"fault":   scriptFault,
			"counter": scriptCounter,
			"await":   scriptAwait,
			"retract": scriptRetract,
			"seed":    scriptSeed,
			"consent": scriptConsent,
			"base64":  scriptBase64,
			"prepend": scriptPrepend,
		},
	})
}

type simKey struct{}

// setUpScript gives each script a simulator, a store and a home of its own.
func setUpScript(t *testing.T, env *testscript.Env) error {
	limits := sim.ZohoLimits()
	limits.DevicePoll = 50 * time.Millisecond
	s := sim.New(sim.Config{Clients: []sim.Client{{ID: "1000.SIM", Secret: plantedSecret}}, Limits: &limits, BulkTime: -1})
	web := newWeb(s)
	env.Defer(func() {
		_ = s.Close()
		web.Close()
	})
	env.Values[simKey{}] = &simtest.Server{Server: s, URL: web.URL}
	port, err := freePort()
	if err != nil {
		return err
	}
	home := filepath.Join(env.WorkDir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	env.Vars = append(env.Vars,
		"HOME="+home, "AppData="+home, "XDG_STATE_HOME=",
		"SIM="+web.URL, "PORT="+port,
		"ZCRM_ACCOUNTS_URL="+web.URL, "ZCRM_CLIENT_ID=1000.SIM", "ZCRM_CLIENT_SECRET="+plantedSecret,
		"ZCRM_STORE=csv:tokens.csv",
		"ALICE=alice@example.com:10001", "BOB=bob@example.com:10002",
		"GORACE=atexit_sleep_ms=0", // else each success under -race takes a second
	)
	return nil
}

func simOf(ts *testscript.TestScript) *simtest.Server {
	return ts.Value(simKey{}).(*simtest.Server)
}

// scriptRun is: run CODE ARGS..., which runs zcrm and checks the exit code, that
// no secret is printed, and that an error is one line.
func scriptRun(ts *testscript.TestScript, neg bool, args []string) {
	runZcrm(ts, neg, args, false)
}

// scriptReveal is run for commands that are asked for a secret: it may be on
// stdout, and nowhere else.
func scriptReveal(ts *testscript.TestScript, neg bool, args []string) {
	runZcrm(ts, neg, args, true)
}

func runZcrm(ts *testscript.TestScript, neg bool, args []string, reveal bool) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: run CODE ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("zcrm", args[1:]...)
	code := 0
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
		code = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("zcrm: %v", err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if found := findSecret(stderr); found != "" {
		ts.Fatalf("a secret is on stderr: %s", found)
	}
	if found := findSecret(stdout); found != "" && !reveal {
		ts.Fatalf("a secret is on stdout: %s", found)
	}
	if want != 0 && args[1] != "exec" {
		if problem := checkErrorLine(stderr); problem != "" {
			ts.Fatalf("%s", problem)
		}
	}
}

// findSecret looks for the client secret and for anything that looks like a
// token or a code of Zoho.
func findSecret(text string) string {
	return regexp.MustCompile(`1000\.[0-9a-f]{16,}|` + plantedSecret).FindString(text)
}

// checkErrorLine wants one line "zcrm: ..." besides warnings and what is told
// while waiting for a consent.
func checkErrorLine(stderr string) string {
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "zcrm: ") || strings.HasPrefix(last, "zcrm: warning") {
		return "the last line of stderr is not the error: " + last
	}
	for _, line := range lines[:len(lines)-1] {
		if strings.HasPrefix(line, "zcrm: ") && !strings.HasPrefix(line, "zcrm: warning: ") && !strings.HasPrefix(line, "zcrm: error: ") &&
			!strings.HasPrefix(line, "zcrm: waiting ") {
			return "the error has more than one line: " + line
		}
	}
	return ""
}

// grant USER VARIABLE [LIFE]: a code of a self client.
func scriptGrant(ts *testscript.TestScript, _ bool, args []string) {
	g := sim.GrantRequest{User: args[0], Scope: defaultScopes}
	if len(args) > 2 {
		d, err := time.ParseDuration(args[2])
		ts.Check(err)
		g.Life = d
	}
	code, err := simOf(ts).Server.Grant(g)
	ts.Check(err)
	ts.Setenv(args[1], code)
}

// base64 VARIABLE FILE: the file in base64.
func scriptBase64(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], base64.StdEncoding.EncodeToString([]byte(ts.ReadFile(args[1]))))
}

// prepend ONE OTHER NEW: a token file with the row of one before those of the other,
// under an ID and a name of its own.
func scriptPrepend(ts *testscript.TestScript, _ bool, args []string) {
	one, other := strings.SplitAfter(ts.ReadFile(args[0]), "\n"), strings.SplitAfter(ts.ReadFile(args[1]), "\n")
	first := strings.ReplaceAll(strings.Replace(one[1], "1,", "7,", 1), "alice", "eve")
	text := other[0] + first + strings.Join(other[1:], "")
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text), 0o600))
}

// seed USER MODULE NUMBER: made-up records.
func scriptSeed(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	_, _, err = simOf(ts).Seed(args[0], args[1], n)
	ts.Check(err)
}

// advance DURATION: the simulator's clock.
func scriptAdvance(ts *testscript.TestScript, _ bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	simOf(ts).Advance(d)
}

// fault KIND MATCH [DELAY]: one request goes wrong.
func scriptFault(ts *testscript.TestScript, _ bool, args []string) {
	f := sim.Fault{Kind: sim.FaultKind(args[0]), Match: args[1]}
	if len(args) > 2 {
		d, err := time.ParseDuration(args[2])
		ts.Check(err)
		f.Delay = d
	}
	simOf(ts).Inject(f)
}

// retract USER: the user takes the consent back on Zoho's page.
func scriptRetract(ts *testscript.TestScript, _ bool, args []string) { simOf(ts).RevokeUser(args[0]) }

// consent USER FILE: the user enters the code that "login --device" has written
// into the file; "deny" refuses.
func scriptConsent(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		text, err := os.ReadFile(ts.MkAbs(args[1]))
		code := regexp.MustCompile(`(?m)^  ([A-Z]{4}-[A-Z]{4})$`).FindSubmatch(text)
		if err == nil && code != nil {
			ts.Check(simOf(ts).AnswerDevice(string(code[1]), args[0]))
			return
		}
	}
	ts.Fatalf("no code was shown")
}

func counterOf(ts *testscript.TestScript, name string) int64 {
	c := simOf(ts).Counters()
	value, ok := map[string]int64{
		"exchanges": c.Exchanges, "refreshes": c.Refreshes, "revokes": c.Revokes, "token-requests": c.TokenRequests,
		"api-calls": c.APICalls, "faults": c.Faults,
	}[name]
	if !ok {
		ts.Fatalf("no counter %q", name)
	}
	return value
}

// counter NAME N: what the simulator has counted.
func scriptCounter(ts *testscript.TestScript, _ bool, args []string) {
	if got := strconv.FormatInt(counterOf(ts, args[0]), 10); got != args[1] {
		ts.Fatalf("%s is %s, want %s", args[0], got, args[1])
	}
}

// await counter NAME N, await file PATH VARIABLE, await grep PATH TEXT: until another process has got
// so far. VARIABLE takes the file's content.
func scriptAwait(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		switch args[0] {
		case "counter":
			if strconv.FormatInt(counterOf(ts, args[1]), 10) == args[2] {
				return
			}
		case "grep":
			if text, err := os.ReadFile(ts.MkAbs(args[1])); err == nil && strings.Contains(string(text), args[2]) {
				return
			}
		case "file":
			if text, err := os.ReadFile(ts.MkAbs(args[1])); err == nil {
				ts.Setenv(args[2], strings.TrimSpace(string(text)))
				return
			}
		}
	}
	ts.Fatalf("await %s: it did not happen", strings.Join(args, " "))
}

// browse is the scripts' browser. does says what its user does: "auto=alice"
// consents, "deny" refuses; with "forge" the redirect names another accounts
// server, with "stray" redirects of other logins come first.
func browse(page, does string) int {
	last, err := visit(page, does)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		return 1
	}
	if file := os.Getenv("BROWSER_SAW"); file != "" {
		if err := os.WriteFile(file, []byte(last), 0o600); err != nil {
			return 1
		}
	}
	return 0
}

// visit opens the consent page, consents and follows to the end. It returns the
// last page with its status and the address at which it was.
func visit(page, does string) (string, error) {
	auto := "&auto=" + strings.TrimPrefix(does, "auto=")
	if does == "deny" || does == "forge" || does == "stray" {
		auto = map[string]string{"deny": "&auto=deny", "forge": "&auto=alice", "stray": "&auto=alice"}[does]
	}
	client := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(page + auto)
	if err != nil {
		return "", err
	}
	resp.Body.Close()
	back := resp.Header.Get("Location")
	if back == "" {
		return "", fmt.Errorf("no redirect: %s", resp.Status)
	}
	var strays []string
	switch does {
	case "forge":
		back = regexp.MustCompile(`accounts-server=[^&]*`).ReplaceAllString(back, "accounts-server=https%3A%2F%2Faccounts.zoho.example")
	case "stray":
		strays = []string{
			regexp.MustCompile(`state=[^&]*`).ReplaceAllString(back, "state=another"),
			strings.Replace(back, "/callback?", "/elsewhere?", 1),
			back + "&state=another",
			back + "&code=another",
		}
	}
	for _, stray := range strays {
		resp, err := client.Get(stray)
		if err != nil {
			return "", err
		}
		resp.Body.Close()
		if resp.StatusCode < 400 {
			return "", fmt.Errorf("a stray redirect got %s", resp.Status)
		}
	}
	client.CheckRedirect = nil
	resp, err = client.Get(back)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return fmt.Sprintf("%s\n%s\n%s\n%s", resp.Status, resp.Request.URL, resp.Header.Get("Content-Security-Policy"), text), err
}
