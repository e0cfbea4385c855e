//go:build unix

package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"zohocrm/store/check"
	"zohocrm/store/sqlite"
)

// another is a user and group that this process is not of.
const another = 65534

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
	if err := errors.Join(os.Chmod(filepath.Dir(folder), 0o755), os.Chmod(folder, mode)); err != nil {
		t.Fatal(err)
	}
	return folder
}

// give makes a file with this mode and owner, and this content if there is none.
func give(t *testing.T, path, content string, mode fs.FileMode, uid, gid int) {
	t.Helper()
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chmod(path, mode), os.Chown(path, uid, gid)); err != nil {
		t.Fatal(err)
	}
}

// openAs opens the store as another user, saves a token, and says how that went.
func openAs(t *testing.T, uid, gid uint32, path string) (said string, ok bool) {
	t.Helper()
	return workAs(t, uid, gid, taskOpen, path)
}

func workAs(t *testing.T, uid, gid uint32, task, path string) (said string, ok bool) {
	t.Helper()
	binary := filepath.Join(openFolder(t, 0o755), "test")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err == nil {
		err = os.WriteFile(binary, text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary)
	cmd.Dir, cmd.Env = "/", append(os.Environ(), workerTask+"="+task, workerPath+"="+path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// TestFileOfAnother: tokens are not given to whoever made the file in which they
// would be kept; neither by a user, nor, in a folder of everybody, by root. Who looks
// at such a file is told.
func TestFileOfAnother(t *testing.T) {
	needsRoot(t)
	folder := openFolder(t, 0o777|fs.ModeSticky)
	path := filepath.Join(folder, "tokens.db")
	give(t, path, "", 0o666, another, another)
	theirs := filepath.Join(folder, "theirs")
	if err := errors.Join(os.Mkdir(theirs, 0o755), os.Chown(theirs, another, another)); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(theirs, "tokens.db")
	give(t, below, "", 0o666, another, another)
	for _, path := range []string{path, below} {
		const why, next = " belongs to user 65534", "use a file of your own"
		if out, ok := openAs(t, 1234, 1234, path); ok || !strings.Contains(out, path+why) || !strings.Contains(out, next) {
			t.Errorf("opened by another user: %s", out)
		}
		if err := sqlite.Prepare(path, nil); err == nil || !strings.Contains(err.Error(), path+why) || !strings.Contains(err.Error(), next) {
			t.Errorf("Prepare by root: %v", err)
		}
		if got := content(t, path); len(got) > 0 {
			t.Errorf("%d bytes were written", len(got))
		}
		look(t, path)
		found := sqlite.InspectFile(path)
		if !slices.ContainsFunc(found, func(f check.Finding) bool {
			return f.Severity == check.Failure && f.Code == "not-writable" && strings.Contains(f.Text, path+why) && strings.Contains(f.Text, next)
		}) {
			t.Errorf("found %+v", found)
		}
	}
}

// TestFileOfItsUser: root works on a user's own file, and the user goes on with it;
// one of root's is shared by those to whom root gave it.
func TestFileOfItsUser(t *testing.T) {
	needsRoot(t)
	path := filepath.Join(openFolder(t, 0o755), "tokens.db")
	if err := os.Chown(filepath.Dir(path), another, another); err != nil {
		t.Fatal(err)
	}
	give(t, path, "", 0o600, another, another)
	s := open(t, path)
	save(t, s, user("alice"))
	if out, ok := openAs(t, another, another, path); !ok { // while root has it open
		t.Error(out)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if out, ok := openAs(t, another, another, path); !ok {
		t.Error(out)
	}

	const group = 4321
	shared := filepath.Join(openFolder(t, 0o755), "tokens.db")
	if err := errors.Join(os.Chown(filepath.Dir(shared), 0, group), os.Chmod(filepath.Dir(shared), 0o770)); err != nil {
		t.Fatal(err)
	}
	give(t, shared, "", 0o660, 0, group)
	give(t, shared+"-wal", "", 0o660, 1235, group) // as one of them leaves it who is at work
	if out, ok := openAs(t, 1234, group, shared); !ok {
		t.Error(out)
	}
}

// TestLookAtFileOfAnother: SQLite cannot read a used database without a file beside
// it, and its words for that do not say whose trouble it is.
func TestLookAtFileOfAnother(t *testing.T) {
	needsRoot(t)
	path := filepath.Join(openFolder(t, 0o755), "tokens.db")
	if err := os.Chown(filepath.Dir(path), 1234, 1234); err != nil {
		t.Fatal(err)
	}
	if out, ok := openAs(t, 1234, 1234, path); !ok {
		t.Fatal(out)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, ok := workAs(t, another, another, taskLook, path); ok || !strings.Contains(out, "cannot be read") || !strings.Contains(out, path+" belongs to user 1234") {
		t.Errorf("by another: %s", out)
	}
	if out, ok := workAs(t, 1234, 1234, taskLook, path); !ok {
		t.Errorf("by its user: %s", out)
	}
}

// TestLogOfAnother: what is written goes first to the log beside the database, and
// its pages hold secrets.
func TestLogOfAnother(t *testing.T) {
	needsRoot(t)
	path := filepath.Join(openFolder(t, 0o777|fs.ModeSticky), "tokens.db")
	if out, ok := openAs(t, 1234, 1234, path); !ok {
		t.Fatal(out)
	}
	for _, end := range []string{"-wal", "-shm", "-journal"} {
		give(t, path+end, "", 0o666, another, another)
		out, ok := openAs(t, 1234, 1234, path)
		if ok || !strings.Contains(out, path+end+" belongs to user 65534") || !strings.Contains(out, "remove it") {
			t.Errorf("beside %s of another: %s", end, out)
		}
		if got := content(t, path+end); len(got) > 0 {
			t.Errorf("%d bytes were written to %s", len(got), end)
		}
		found := sqlite.InspectFile(path)
		if !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Code == "not-writable" && strings.Contains(f.Text, path+end) }) {
			t.Errorf("found %+v", found)
		}
		if err := os.Remove(path + end); err != nil {
			t.Fatal(err)
		}
	}
	if out, ok := openAs(t, 1234, 1234, path); !ok {
		t.Error(out)
	}
}

// TestPrepareLinkOfAFolder: not even a folder is made where another's link leads.
func TestPrepareLinkOfAFolder(t *testing.T) {
	needsRoot(t)
	link, elsewhere := filepath.Join(openFolder(t, 0o777|fs.ModeSticky), "link"), t.TempDir()
	if err := errors.Join(os.Symlink(elsewhere, link), os.Lchown(link, another, another)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(link, "tokens.db"), filepath.Join(link, "sub", "tokens.db")} {
		if err := sqlite.Prepare(path, nil); err == nil || !strings.Contains(err.Error(), link+" is a symbolic link of another user") {
			t.Errorf("Prepare(%s): %v", path, err)
		}
	}
	if made, _ := os.ReadDir(elsewhere); len(made) > 0 {
		t.Errorf("made %v", made)
	}
	for _, to := range []string{elsewhere, filepath.Join(elsewhere, "nothing")} {
		if err := errors.Join(os.Remove(link), os.Symlink(to, link), os.Lchown(link, another, another)); err != nil {
			t.Fatal(err)
		}
		found := sqlite.InspectFile(link)
		if len(found) != 1 || found[0].Severity != check.Failure || !strings.Contains(found[0].Text, link+" is a symbolic link of another user") {
			t.Errorf("a link to %s: found %+v", to, found)
		}
	}
}
