package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Names are asked for once, then taken from the file for an hour, then asked for
// with If-Modified-Since; a file that is damaged or another account's is none.
func TestKnownNames(t *testing.T) {
	r := newRig(t)
	r.env["XDG_STATE_HOME"] = filepath.Join(r.dir, "state")
	r.login("alice")
	r.login("bob")
	var out, errs bytes.Buffer
	a := newApp(strings.NewReader(""), &out, &errs, r.environ())
	var err error
	cmd := newRootCmd(a)
	if a.set, err = a.flags.resolve(cmd.Flags(), a.getenv); err != nil {
		t.Fatal(err)
	}
	calls := func() int64 { return r.sim.Counters().APICalls }
	names := func(user string, later time.Duration) int64 {
		t.Helper()
		before := calls()
		err := a.withCRM(t.Context(), who{user: user}, func(c *remote) error {
			c.known.now = func() time.Time { return time.Now().Add(later) }
			fields, err := c.fields(t.Context(), "Leads")
			if len(fields) < 10 || fields[1].Text("api_name") != "Last_Name" || fields[1].Text("json_type") != "string" || fields[1].Has("profiles") {
				t.Errorf("%d fields, the second is %s", len(fields), fields[1])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return calls() - before
	}
	const alice, bob = "alice@example.com:10001", "bob@example.com:10002"
	for _, step := range []struct {
		what, user string
		later      time.Duration
		calls      int64
	}{
		{"nothing is known", alice, 0, 1},
		{"it is known", alice, 59 * time.Minute, 0},
		{"another account", bob, 0, 1},
		{"an hour later it is asked whether it changed", alice, 61 * time.Minute, 1},
		{"which is remembered", alice, 62 * time.Minute, 0},
		{"a clock that was put back", alice, 0, 1},
	} {
		if got := names(step.user, step.later); got != step.calls {
			t.Errorf("%s: %d calls, want %d", step.what, got, step.calls)
		}
	}
	files, err := filepath.Glob(filepath.Join(r.dir, "state", "zcrm", "names", "*"))
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return // another folder
	}
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		if text, err := os.ReadFile(file); err != nil || bytes.Contains(text, []byte("alice")) {
			t.Errorf("%v: the file names the user", err)
		}
		if err := os.WriteFile(file, []byte(`{"checked":`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(alice, 0); got != 1 {
		t.Errorf("a damaged file: %d calls, want 1", got)
	}
}
