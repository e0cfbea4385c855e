//go:build unix

package csvfile_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

const alice = golden + "1,alice,c,s,ra,aa,,1795308985119,,https://www.zohoapis.com\n"

// another is a user and group that this process is not of.
const another = 65534

// anyoneCanRun is a copy of the test binary that a child of another user can run.
func anyoneCanRun(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "csvfile")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(self(t))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(folder+"/test", os.O_WRONLY|os.O_CREATE, 0o755)
	if err == nil {
		_, err = io.Copy(to, from)
	}
	if err == nil {
		err = to.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return to.Name()
}

func asAnother(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: another, Gid: another}}
	cmd.Dir = "/"
}

func limitFiles(bytes uint64) error {
	signal.Ignore(syscall.SIGXFSZ) // so that a write fails in place of the process
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: bytes})
}

// needsRoot: only root can make files of another user, and be another user.
func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can play two users")
	}
}

// openFolder is a folder that every user can reach.
func openFolder(t *testing.T, mode fs.FileMode) string {
	t.Helper()
	folder := t.TempDir()
	for _, err := range []error{os.Chmod(filepath.Dir(folder), 0o755), os.Chmod(folder, mode)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func write(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	age(t, path)
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func ownerOf(t *testing.T, path string) (uid, gid uint32) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	st := info.Sys().(*syscall.Stat_t)
	return st.Uid, st.Gid
}

// saveAlice renews alice's access token.
func saveAlice(t *testing.T, path string) error {
	t.Helper()
	_, err := open(t, path).Save(t.Context(), oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("new"), RefreshToken: oauth.NewSecret("ra")})
	return err
}

// Defects: D18.
func TestPermissions(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	for before, after := range map[fs.FileMode]fs.FileMode{0o600: 0o600, 0o644: 0o640, 0o664: 0o660, 0o666: 0o660, 0o604: 0o600} {
		path := location(t)
		write(t, path, alice, before)
		var logged bytes.Buffer
		s := newStore(t, csvfile.Config{Path: path, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
		for range 2 { // the second time the file's time has changed, so that it is read again
			if _, err := s.Find(t.Context(), oauth.Token{UserName: "alice"}); err != nil {
				t.Error(err)
			}
			age(t, path)
		}
		want := 0
		if before&0o007 != 0 {
			want = 1
		}
		if n := strings.Count(logged.String(), "level=WARN"); n != want {
			t.Errorf("a file with %o warns %d times, want %d", before, n, want)
		}
		if err := saveAlice(t, path); err != nil || mode(t, path) != after {
			t.Errorf("a file with %o has %o after a write, want %o; %v", before, mode(t, path), after, err)
		}
	}
	path := location(t)
	if err := saveAlice(t, path); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"": 0o600, ".zcrm": fs.ModeDir | 0o700, ".zcrm/lock": 0o600, ".zcrm/side.log": 0o600} {
		if got := mode(t, path+name); got != want {
			t.Errorf("%s has mode %v, want %v", name, got, want)
		}
	}
}

// TestNotAFile: what is no file is refused at once, not waited for.
func TestNotAFile(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(folder, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	inFile := filepath.Join(folder, "file", "tokens.csv")
	write(t, filepath.Dir(inFile), alice, 0o600)
	for _, path := range []string{folder, pipe, link, loop, inFile, "/dev/null", "/dev/zero"} {
		s := open(t, path)
		_, errs := s.Find(t.Context(), oauth.Token{UserName: "alice"})
		if why := map[string]string{loop: "too many symbolic links", inFile: "is a file, not a folder"}[path]; errs == nil || !strings.Contains(errs.Error(), why) {
			t.Errorf("Find on %s: %v; want %q", path, errs, why)
		}
		for method, err := range map[string]error{"Find": errs, "Save": saveAlice(t, path), "Probe": s.Probe(t.Context()), "DeleteAll": s.DeleteAll(t.Context())} {
			if !errors.Is(err, oauth.ErrStoreUnavailable) {
				t.Errorf("%s on %s: %v", method, path, err)
			}
		}
	}
	// The folder of a file that is yet to be made has to be there.
	missing := open(t, filepath.Join(folder, "no", "tokens.csv"))
	if _, err := missing.Find(t.Context(), oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find in a missing folder: %v", err)
	}
	if err := missing.Probe(t.Context()); !errors.Is(err, oauth.ErrStoreUnavailable) {
		t.Errorf("Probe in a missing folder: %v", err)
	}
}

func TestSymlink(t *testing.T) {
	folder := t.TempDir()
	sub := filepath.Join(folder, "sub")
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(sub, "real.csv")
	write(t, target, alice, 0o600)
	first, second, dangling := filepath.Join(folder, "first"), filepath.Join(folder, "second"), filepath.Join(folder, "dangling")
	for from, to := range map[string]string{first: "second", second: "sub/../sub/real.csv", dangling: "sub/new.csv"} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	if err := saveAlice(t, first); err != nil {
		t.Fatal(err)
	}
	if err := saveAlice(t, dangling); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{first, second, dangling} {
		if mode(t, link)&fs.ModeSymlink == 0 {
			t.Errorf("%s is no link any more", link)
		}
		if !strings.Contains(read(t, link), "alice,") {
			t.Errorf("%s was not written", link)
		}
	}
	found, _ := filepath.Glob(sub + "/*")
	if want := []string{sub + "/new.csv", sub + "/new.csv.zcrm", target, target + ".zcrm"}; strings.Join(found, " ") != strings.Join(want, " ") {
		t.Errorf("beside the targets: %v", found)
	}
	// A link that is turned elsewhere leads elsewhere.
	s := open(t, dangling)
	if _, err := s.Get(t.Context(), "1"); err != nil {
		t.Error(err)
	}
	other := filepath.Join(sub, "other.csv")
	write(t, other, strings.Replace(alice, "alice", "bob", 1), 0o600)
	for _, err := range []error{os.Remove(dangling), os.Symlink(other, dangling)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Get(t.Context(), "1"); err != nil || got.UserName != "bob" {
		t.Errorf("Get through a turned link: %v, %v", got, err)
	}
}

// TestSymlinkOfAnother: whoever may make a link must not choose which file is read
// and rewritten, and so who gets the tokens: not another's link in a folder of
// everybody, whatever it leads to, and not one that leads to a folder either.
func TestSymlinkOfAnother(t *testing.T) {
	needsRoot(t)
	theirs := openFolder(t, 0o755)
	write(t, filepath.Join(theirs, "tokens.csv"), alice, 0o644)
	for _, name := range []string{theirs, filepath.Join(theirs, "tokens.csv")} {
		if err := os.Chown(name, another, another); err != nil {
			t.Fatal(err)
		}
	}
	ours := openFolder(t, 0o755)
	write(t, filepath.Join(ours, "tokens.csv"), alice, 0o600)
	for to, left := range map[string]int{theirs: 1, ours: 1, filepath.Join(ours, "nothing"): -1} {
		for _, name := range []string{"", "tokens.csv"} { // of a link to the folder, and to the file
			link := filepath.Join(openFolder(t, 0o777|fs.ModeSticky), "link")
			for _, err := range []error{os.Symlink(filepath.Join(to, name), link), os.Lchown(link, another, another)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			path := link
			if name == "" {
				path = filepath.Join(link, "tokens.csv")
			}
			s := open(t, path)
			_, got := s.Get(t.Context(), "1")
			_, acquired := s.Acquire(t.Context(), oauth.Claim{Key: credential})
			_, inspected := s.Inspect(t.Context())
			for method, err := range map[string]error{"Save": saveAlice(t, path), "Probe": s.Probe(t.Context()), "Get": got, "Acquire": acquired, "Inspect": inspected} {
				if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), link+" is a symbolic link of another user") || !strings.Contains(err.Error(), "give the path that is meant") {
					t.Errorf("%s through a link to %s: %v", method, filepath.Join(to, name), err)
				}
			}
			if found, _ := filepath.Glob(to + "/*"); len(found) != max(left, 0) {
				t.Errorf("made %v", found)
			}
		}
	}
	for _, folder := range []string{theirs, ours} {
		if read(t, filepath.Join(folder, "tokens.csv")) != alice {
			t.Errorf("the file in %s was written", folder)
		}
	}
}

// TestSymlinkOfAFolder: a program is started in a folder that another user's link
// leads to, as one that names the current release; that user gets no tokens into
// anybody's file by it.
func TestSymlinkOfAFolder(t *testing.T) {
	needsRoot(t)
	theirs, release := openFolder(t, 0o755), openFolder(t, 0o755)
	link := filepath.Join(theirs, "current")
	path := filepath.Join(link, "tokens.csv")
	for _, err := range []error{os.Symlink(release, link), os.Lchown(link, another, another), os.Chown(theirs, another, another)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the first makes the file
		if err := saveAlice(t, path); err != nil {
			t.Error(err)
		}
	}
	if err := os.Chown(path, another-1, another-1); err != nil {
		t.Fatal(err)
	}
	if err := saveAlice(t, path); !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), link+", a symbolic link of another user, leads there: give the path without the link") {
		t.Errorf("Save to the file of a third: %v", err)
	}
	if err := saveAlice(t, filepath.Join(release, "tokens.csv")); err != nil {
		t.Error(err)
	}
}

// TestSymlinkOfRoot leads every user, and root's and one's own lead root to the file
// of another: who made them chose what is meant.
func TestSymlinkOfRoot(t *testing.T) {
	needsRoot(t)
	folder := openFolder(t, 0o777|fs.ModeSticky)
	theirs := filepath.Join(folder, "theirs")
	if err := errors.Join(os.Mkdir(theirs, 0o755), os.Chown(theirs, another, another)); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(openFolder(t, 0o755), "link")
	if err := os.Symlink(filepath.Join(theirs, "tokens.csv"), link); err != nil {
		t.Fatal(err)
	}
	if out := runChild(t, anyoneCanRun(t), "save", link, asAnother); out != "child" {
		t.Errorf("Save through root's link: %s", out)
	}
	if uid, _ := ownerOf(t, filepath.Join(theirs, "tokens.csv")); uid != another {
		t.Errorf("the file belongs to user %d", uid)
	}
}

// TestOwnerIsKept: root may work on another's file, which stays another's, as
// does all beside it.
func TestOwnerIsKept(t *testing.T) {
	needsRoot(t)
	folder := openFolder(t, 0o755)
	if err := os.Chown(folder, another, another); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "tokens.csv")
	write(t, path, alice, 0o664)
	if err := os.Chown(path, another, another-1); err != nil {
		t.Fatal(err)
	}
	if err := saveAlice(t, path); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".zcrm", ".zcrm/lock", ".zcrm/side.log"} {
		if uid, gid := ownerOf(t, path+name); uid != another || gid != another-1 {
			t.Errorf("%q belongs to %d:%d", path+name, uid, gid)
		}
	}
	if mode(t, path) != 0o660 {
		t.Errorf("mode %v", mode(t, path))
	}
	// Its owner goes on; but a group that the owner is not in cannot be kept.
	if out := runChild(t, anyoneCanRun(t), "save", path, asAnother); !strings.Contains(out, "error: store is not available") || !strings.Contains(out, "group") {
		t.Errorf("owner without the group: %s", out)
	}
	if err := os.Chown(path, another, another); err != nil {
		t.Fatal(err)
	}
	if out := runChild(t, anyoneCanRun(t), "save", path, asAnother); out != "child" {
		t.Errorf("the owner's Save: %s", out)
	}
}

// TestFileOfAnother: root gives no tokens to whoever was the first to make a file in
// a folder of everybody, or a folder for it; and leaves nothing beside that.
func TestFileOfAnother(t *testing.T) {
	needsRoot(t)
	open := openFolder(t, 0o777|fs.ModeSticky)
	for _, path := range []string{filepath.Join(open, "tokens.csv"), filepath.Join(open, "folder", "tokens.csv")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, alice, 0o666)
		for _, name := range []string{path, filepath.Join(open, "folder")} {
			if err := os.Chown(name, another, another); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
		}
		s := newStore(t, csvfile.Config{Path: path})
		_, acquired := s.Acquire(t.Context(), oauth.Claim{Key: credential})
		for method, err := range map[string]error{"Save": saveAlice(t, path), "Probe": s.Probe(t.Context()), "Acquire": acquired} {
			if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), path+" belongs to user 65534") || !strings.Contains(err.Error(), "use a file of your own") {
				t.Errorf("%s: %v", method, err)
			}
		}
		found, err := s.Inspect(t.Context())
		if err != nil || len(found) == 0 || found[0].Code != "not-writable" || !strings.Contains(found[0].Text, "belongs to user 65534") || !strings.Contains(found[0].Text, "of your own") {
			t.Errorf("Inspect: %+v, %v", found, err)
		}
		if left, _ := filepath.Glob(filepath.Dir(path) + "/*.zcrm"); read(t, path) != alice || len(left) > 0 {
			t.Errorf("the file was written, or something left: %v", left)
		}
		if _, err := s.Get(t.Context(), "1"); err != nil {
			t.Errorf("Get: %v", err)
		}
	}
}

// TestFileOfAnotherInTime: nor to whoever is quicker by a moment.
func TestFileOfAnotherInTime(t *testing.T) {
	needsRoot(t)
	path := filepath.Join(openFolder(t, 0o777|fs.ModeSticky), "tokens.csv")
	s := newStore(t, csvfile.Config{Path: path, Now: func() time.Time { // asked when the write is planned
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			write(t, path, alice, 0o666)
			if err := os.Chown(path, another, another); err != nil {
				t.Error(err)
			}
		}
		return time.Now()
	}})
	if _, err := s.Save(t.Context(), oauth.Token{UserName: "bob", RefreshToken: oauth.NewSecret("r")}); !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "belongs to user 65534") {
		t.Errorf("Save: %v", err)
	}
	if got := read(t, path); got != alice {
		t.Errorf("the file became %q", got)
	}
}

// TestNotAllowed: a user who may not write is told so, and finds what may be read.
func TestNotAllowed(t *testing.T) {
	needsRoot(t)
	binary := anyoneCanRun(t)
	closed := filepath.Join(openFolder(t, 0o755), "tokens.csv")
	write(t, closed, alice, 0o666)
	foreign := filepath.Join(openFolder(t, 0o777), "tokens.csv")
	write(t, foreign, alice, 0o666)
	unread := filepath.Join(openFolder(t, 0o777), "tokens.csv")
	write(t, unread, alice, 0o644)
	for path, why := range map[string]string{closed: "permission denied", foreign: "run as that user", unread: "permission denied"} {
		for _, task := range []string{"save", "probe"} {
			if out := runChild(t, binary, task, path, asAnother); !strings.HasPrefix(out, "error: store is not available") || !strings.Contains(out, why) {
				t.Errorf("%s by another user on %s: %s", task, path, out)
			}
		}
		if out := runChild(t, binary, "find", path, asAnother); out != "alice" {
			t.Errorf("find by another user: %s", out)
		}
		if read(t, path) != alice {
			t.Error("the file was written")
		}
	}
}

// TestReadOnlyFile: also root, who could, does not write to a file that its
// owner made read-only.
func TestReadOnlyFile(t *testing.T) {
	path := location(t)
	write(t, path, alice, 0o400)
	s := open(t, path)
	for method, err := range map[string]error{"Save": saveAlice(t, path), "Probe": s.Probe(t.Context()), "Delete": s.Delete(t.Context(), "1", "")} {
		if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("%s: %v", method, err)
		}
	}
	if _, err := s.Get(t.Context(), "1"); err != nil {
		t.Errorf("Get: %v", err)
	}
	if read(t, path) != alice || mode(t, path) != 0o400 {
		t.Error("the file was changed")
	}
}

// TestFullDisk: a write that finds no room leaves the file, and nothing else, behind.
func TestFullDisk(t *testing.T) {
	path := crowdFile(t, 20)
	before := read(t, path)
	if out := runChild(t, self(t), "full", path); !strings.HasPrefix(out, "error: store is not available") || !strings.Contains(out, "file too large") {
		t.Errorf("the child said: %s", out)
	}
	if read(t, path) != before {
		t.Error("the file was changed")
	}
	if left, _ := filepath.Glob(path + ".zcrm/*"); len(left) != 1 {
		t.Errorf("left beside the file: %v", left)
	}
	if out := runChild(t, self(t), "save", path); out != "child" {
		t.Errorf("with room again: %s", out)
	}
}
