package audit_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/oauth/observe/audit"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
	"zohocrm/store/memory"
)

func Example() {
	folder, err := os.MkdirTemp("", "audit-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "audit.jsonl")
	record, err := audit.Open(audit.Config{Path: path, Actor: "billing"})
	if err != nil {
		panic(err)
	}
	record.Observe(context.Background(), oauth.Event{Kind: oauth.EventRevoke, UserName: "alice", Credential: oauth.NewSecret("1000.r").Fingerprint()})
	if err := record.Close(); err != nil {
		panic(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	var line struct{ Actor, Did, Credential string }
	if err := json.Unmarshal(data, &line); err != nil {
		panic(err)
	}
	fmt.Println(line.Actor, line.Did, line.Credential)
	// Output: billing revoke sha256:ab41d5b0e261
}

func open(t *testing.T) (*audit.Log, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	l, err := audit.Open(audit.Config{Path: path, Actor: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return l, path
}

// lines are what the record says was done, and its text.
func lines(t *testing.T, path string) (did []string, text string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var line struct{ Did, Failed string }
		if err := json.Unmarshal(s.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", s.Text(), err)
		}
		if line.Failed != "" {
			line.Did += " " + line.Failed
		}
		did, text = append(did, line.Did), text+s.Text()
	}
	return did, text
}

// A whole life is on record, without a secret, and answers from memory are not.
func TestALife(t *testing.T) {
	record, path := open(t)
	server := simtest.New(t, sim.Config{})
	home, err := dc.Custom(server.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New(memory.Config{Now: server.Now})
	k, err := oauth.NewKeeper(oauth.KeeperConfig{
		Store: store, DataCenter: home, Observer: record, Ahead: -1,
		Accounts: oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home), Now: server.Now}),
	})
	if err != nil {
		t.Fatal(err)
	}
	code := server.Grant("alice")
	first, err := k.Connect(t.Context(), oauth.Login{Token: oauth.Token{
		UserName: "alice", ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(code),
	}})
	if err != nil {
		t.Fatal(err)
	}
	alice := oauth.Token{UserName: "alice"}
	server.Advance(2 * time.Hour)
	for range 10 {
		if _, err := k.Token(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Revoke(t.Context(), alice); err != nil {
		t.Fatal(err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	did, text := lines(t, path)
	if got, want := strings.Join(did, ", "), "mint, saved, login, mint, saved, revoke"; got != want {
		t.Errorf("on record: %s; want %s", got, want)
	}
	for _, secret := range []string{code, "sim\"", first.RefreshToken.Reveal(), first.AccessToken.Reveal()} {
		if strings.Contains(text, secret) {
			t.Error("a secret is on record")
		}
	}
	if !strings.Contains(text, first.RefreshToken.Fingerprint()) {
		t.Error("the refresh token's fingerprint is not on record")
	}
}

func TestManyAtOnce(t *testing.T) {
	record, path := open(t)
	again, err := audit.Open(audit.Config{Path: path, Actor: "another"})
	if err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for _, l := range []*audit.Log{record, again} {
		for range 4 {
			writers.Go(func() {
				for range 100 {
					l.Observe(t.Context(), oauth.Event{Kind: oauth.EventMint, UserName: strings.Repeat("u", 200)})
				}
			})
		}
	}
	writers.Wait()
	if did, _ := lines(t, path); len(did) != 800 {
		t.Errorf("%d lines, want 800", len(did))
	}
}

func TestRotated(t *testing.T) {
	record, path := open(t)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Skip("a file that is open cannot be renamed here")
	}
	if err := record.Reopen(); err != nil {
		t.Fatal(err)
	}
	if err := record.Record(audit.Entry{Event: oauth.Event{Kind: audit.Shown}}); err != nil {
		t.Fatal(err)
	}
	if did, _ := lines(t, path); len(did) != 1 {
		t.Errorf("the new file has %v", did)
	}
}

func TestRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights are not in a file's mode here")
	}
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(open, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o622); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), link); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "pipe")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for path, want := range map[string]string{
		open: "chmod 600", link: "a plain file", dir: "a plain file", filepath.Join(dir, "none", "file"): "a folder that is there", "": "a plain file", pipe: "no pipe", os.DevNull: "a plain file",
	} {
		if _, err := audit.Open(audit.Config{Path: path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, which does not say %q", path, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "elsewhere")); err == nil {
		t.Error("a link was followed")
	}
}

// Who acts is whom the system knows, whatever the environment says; a name of one's
// own stands beside the number.
func TestTheSystemSaysWho(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("users have no numbers here")
	}
	id := func(what string) string {
		out, err := exec.Command("id", what).Output()
		if err != nil {
			t.Skipf("the system does not tell: %v", err)
		}
		return strings.TrimSpace(string(out))
	}
	name, uid := id("-un"), id("-u")
	for _, variable := range []string{"USER", "LOGNAME", "USERNAME", "SUDO_USER"} {
		t.Setenv(variable, "somebody-else")
	}
	for given, want := range map[string]string{"": name, "billing": "billing"} {
		path := filepath.Join(t.TempDir(), "audit.jsonl")
		l, err := audit.Open(audit.Config{Path: path, Actor: given})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.Record(audit.Entry{Event: oauth.Event{Kind: audit.Shown}}), l.Close()); err != nil {
			t.Fatal(err)
		}
		var line struct{ Actor, UID string }
		if _, text := lines(t, path); json.Unmarshal([]byte(text), &line) != nil || line.Actor != want || line.UID != uid {
			t.Errorf("actor %q, uid %q; want %q and %q", line.Actor, line.UID, want, uid)
		}
	}
}

// A disk that is full is told to the logger, and withholds no token.
func TestFailureIsLogged(t *testing.T) {
	var text strings.Builder
	l, err := audit.Open(audit.Config{Path: filepath.Join(t.TempDir(), "a"), Logger: slog.New(slog.NewTextHandler(&text, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l.Observe(t.Context(), oauth.Event{Kind: oauth.EventMint})
	if !strings.Contains(text.String(), "could not be put on record") {
		t.Errorf("logged: %q", text.String())
	}
}
