package csvfile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

func sideFile(r *rig) string { return filepath.Join(besides(r.path), sideLog) }

// TestSideLeavesFileAlone: side data alone are appended to side.log, and what
// is the same is not written at all.
func TestSideLeavesFileAlone(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	other := newRig(t, path)
	other.finds("alice", "aa")
	scope := oauth.Token{UserName: "alice", Scope: "ZohoCRM.users.READ", LastUsedAt: r.clock()}
	if _, err := r.Save(t.Context(), scope); err != nil {
		t.Fatal(err)
	}
	if fileText(t, path) != three {
		t.Error("the token file was written")
	}
	log := fileText(t, sideFile(r))
	for _, r := range []*rig{r, other, newRig(t, path)} {
		got, err := r.Find(t.Context(), oauth.Token{UserName: "alice"})
		if err != nil || got.Scope != scope.Scope || !got.LastUsedAt.Equal(scope.LastUsedAt.Truncate(time.Millisecond)) {
			t.Errorf("Find: scope %q, used %v, %v", got.Scope, got.LastUsedAt, err)
		}
		if _, err := r.Save(t.Context(), scope); err != nil {
			t.Fatal(err)
		}
	}
	if got := fileText(t, sideFile(r)); got != log {
		t.Errorf("the same side data were written again:\n%s", got)
	}
	if strings.Contains(log, "alice") || strings.Contains(log, `"ra"`) || strings.Contains(log, `"aa"`) {
		t.Errorf("side.log names a user or a token:\n%s", log)
	}
}

// TestSideLogTorn: lines that a writer left when it died are passed over, and
// what is appended behind them is not.
func TestSideLogTorn(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	save := func(user string) {
		t.Helper()
		if _, err := r.Save(t.Context(), oauth.Token{UserName: user, Scope: "scope of " + user}); err != nil {
			t.Fatal(err)
		}
	}
	save("alice")
	log := sideFile(r)
	if err := os.WriteFile(log, []byte(fileText(t, log)+"not JSON\n{\"key\":\"cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	save("bob")
	for _, r := range []*rig{r, newRig(t, path)} {
		for _, user := range []string{"alice", "bob"} {
			got, err := r.Find(t.Context(), oauth.Token{UserName: user})
			if err != nil || got.Scope != "scope of "+user {
				t.Errorf("%s: scope %q, %v", user, got.Scope, err)
			}
		}
	}
}

// TestSideLogReplaced: another log in the place of the one that was read, even
// a longer one, is read from its start.
func TestSideLogReplaced(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	scoped := oauth.Token{UserName: "alice", Scope: "first"}
	alice, err := r.Save(t.Context(), scoped)
	if err != nil {
		t.Fatal(err)
	}
	alice.Scope = "second, and longer than what stood there"
	text, err := appendLines(nil, []entry{{Log: "another"}, entryOf(alice), {Key: "k"}, {Key: strings.Repeat("k", 500)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sideFile(r), text, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := r.Find(t.Context(), oauth.Token{UserName: "alice"})
	if err != nil || got.Scope != alice.Scope {
		t.Errorf("scope %q, %v", got.Scope, err)
	}
}

// TestFolderLost: losing the folder loses side data and nothing else.
func TestFolderLost(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	if _, err := r.Save(t.Context(), oauth.Token{UserName: "alice", Scope: "s"}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(besides(path)); err != nil {
		t.Fatal(err)
	}
	got, err := r.Find(t.Context(), oauth.Token{UserName: "alice"})
	if err != nil || got.Scope != "" {
		t.Errorf("Find: scope %q, %v", got.Scope, err)
	}
	if err := r.Delete(t.Context(), "3", ""); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(besides(path)); err != nil {
		t.Fatal(err)
	}
	saved, err := r.Save(t.Context(), oauth.Token{UserName: "dave", RefreshToken: oauth.NewSecret("rd")})
	if err != nil || saved.ID != "4" {
		t.Errorf("Save: id %q, %v; want 4, as this Store saw 3", saved.ID, err)
	}
}

// TestSideLogCompacted: the log does not grow with the number of writes, keeps
// what rows need and what went a short while ago, and another Store that had
// read the long log reads the short one.
func TestSideLogCompacted(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r, other := newRig(t, path), newRig(t, path)
	now := time.Now()
	r.now = func() time.Time { return now }
	save := func(user, scope string) {
		t.Helper()
		token := oauth.Token{UserName: user, Scope: scope, RefreshToken: oauth.NewSecret("r" + user[:1])}
		if _, err := r.Save(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	save("alice", "of alice")
	save("xavier", "long gone")
	if err := r.Delete(t.Context(), "4", ""); err != nil {
		t.Fatal(err)
	}
	now = now.Add(keepSide + time.Hour)
	save("yvonne", "just gone")
	if err := r.Delete(t.Context(), "5", ""); err != nil {
		t.Fatal(err)
	}
	lines := make([]entry, crowd)
	for i := range lines {
		lines[i] = entry{Key: "k", Updated: int64(i)}
	}
	if err := note(sideFile(r), nil, false, lines...); err != nil {
		t.Fatal(err)
	}
	other.finds("alice", "aa")
	r.saves("bob", "new")
	log := fileText(t, sideFile(r))
	if n := strings.Count(log, "\n"); n > 6 {
		t.Errorf("the log has %d lines:\n%s", n, log)
	}
	for text, want := range map[string]bool{"of alice": true, "just gone": true, "long gone": false} {
		if strings.Contains(log, text) != want {
			t.Errorf("log with %q: %v, want %v", text, !want, want)
		}
	}
	for i, r := range []*rig{r, other, newRig(t, path)} {
		got, err := r.Find(t.Context(), oauth.Token{UserName: "alice"})
		if err != nil || got.Scope != "of alice" {
			t.Errorf("scope %q, %v", got.Scope, err)
		}
		saved, err := r.Save(t.Context(), oauth.Token{RefreshToken: oauth.NewSecret(fmt.Sprint("login", i))})
		if want := fmt.Sprint(6 + i); err != nil || saved.ID != want {
			t.Errorf("Save: id %q, %v; want %s", saved.ID, err, want)
		}
	}
}

// TestNothingElseBesides: a write leaves the file, the lock and the log.
func TestNothingElseBesides(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	stale := filepath.Join(besides(path), "new")
	if err := os.Mkdir(besides(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stale, []byte("left by a writer that died"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.saves("alice", "new")
	if err := r.Probe(context.Background()); err != nil {
		t.Fatal(err)
	}
	var found []string
	filepath.WalkDir(filepath.Dir(path), func(path string, _ os.DirEntry, _ error) error {
		found = append(found, filepath.Base(path))
		return nil
	})
	if got := strings.Join(found[1:], " "); got != "tokens.csv tokens.csv.zcrm lock side.log" {
		t.Errorf("there are %s", got)
	}
}
