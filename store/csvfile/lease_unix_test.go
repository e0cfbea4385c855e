//go:build unix

package csvfile_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// twoLines lets a leaser take both of its steps.
func twoLines(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader("\n\n") }

// TestStoppedHolder: the lease of a program that was stopped is taken over when
// it has ended, and what the program does when it goes on changes nothing.
func TestStoppedHolder(t *testing.T) {
	path := location(t)
	holder := startLeaser(t, path)
	defer holder.kill()
	holder.does("granted 1")
	pid := holder.cmd.Process.Pid
	var status syscall.WaitStatus
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if _, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatal(err)
	}
	wantHeld(t, open(t, path))
	heir, third := ahead(t, path, oauth.DefaultLease), ahead(t, path, oauth.DefaultLease)
	lease := acquire(t, heir, "heir")
	if lease.Epoch != 2 {
		t.Errorf("epoch %d", lease.Epoch)
	}
	wantHeld(t, third)
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	holder.does("settled")
	if st, _ := standing(t, third); st.Owner != "heir" || st.State != oauth.Usable {
		t.Errorf("a late holder changed it: %+v", st)
	}
	wantHeld(t, third) // though the lock is free now: it never was the heir's
	settle(t, heir, lease, oauth.Minted)

	// From here on the lock counts again.
	last := startLeaser(t, path)
	last.does("granted 3")
	last.kill()
	if l := acquire(t, open(t, path), "another"); l.Epoch != 4 {
		t.Errorf("epoch %d", l.Epoch)
	}
}

// TestLeasePlanted: whatever stands in the place of a file or folder of the
// leases is not waited for, and not followed.
func TestLeasePlanted(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	plant := map[string]func(string) error{
		"pipe":   func(at string) error { return syscall.Mkfifo(at, 0o600) },
		"link":   func(at string) error { return os.Symlink(outside, at) },
		"folder": func(at string) error { return os.MkdirAll(filepath.Join(at, "full"), 0o700) },
	}
	revoked := oauth.Standing{State: oauth.Ended}.Text()
	for kind, plant := range plant {
		for place, works := range map[string]bool{credential + ".json": kind != "folder", credential + ".lock": false, "lock": false, "new": kind != "folder", "": kind == "folder"} {
			t.Run(kind+" as "+place, func(t *testing.T) {
				path := location(t)
				if err := os.WriteFile(outside, []byte(revoked), 0o600); err != nil {
					t.Fatal(err)
				}
				for _, err := range []error{os.MkdirAll(filepath.Dir(filepath.Join(folderOf(path), place)), 0o700), plant(filepath.Join(folderOf(path), place))} {
					if err != nil {
						t.Fatal(err)
					}
				}
				s := open(t, path)
				if st, known := standing(t, s); known {
					t.Errorf("known as %+v", st)
				}
				l, err := s.Acquire(t.Context(), oauth.Claim{Key: credential, Owner: "me"})
				if works && err != nil || !works && (!errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), folderOf(path))) {
					t.Errorf("Acquire: %v", err)
				}
				if err == nil {
					settle(t, s, l, oauth.Failed, oauth.ErrReauthRequired)
					if st, _ := standing(t, s); st.State != oauth.Dead {
						t.Errorf("noted %+v", st)
					}
				}
				if got := read(t, outside); got != revoked {
					t.Errorf("the file outside is now %q", got)
				}
			})
		}
	}
	// A whole folder elsewhere is not used, and its records are not believed.
	path := location(t)
	elsewhere := t.TempDir()
	write(t, filepath.Join(elsewhere, credential+".json"), revoked, 0o600)
	for _, err := range []error{os.Mkdir(path+".zcrm", 0o700), os.Symlink(elsewhere, folderOf(path))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, known := standing(t, open(t, path)); known {
		t.Error("a record outside the folder was believed")
	}
	if _, err := open(t, path).Acquire(t.Context(), oauth.Claim{Key: credential}); !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "not a folder") {
		t.Errorf("Acquire: %v", err)
	}
	if left, _ := filepath.Glob(elsewhere + "/*"); len(left) != 1 {
		t.Errorf("outside there are %v", left)
	}
}

func TestLeasePermissions(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	path := location(t)
	s := open(t, path)
	settle(t, s, acquire(t, s, "me"), oauth.Failed, oauth.ErrReauthRequired)
	for name, want := range map[string]fs.FileMode{
		".zcrm": fs.ModeDir | 0o700, ".zcrm/refresh": fs.ModeDir | 0o700, ".zcrm/refresh/lock": 0o600,
		".zcrm/refresh/" + credential + ".lock": 0o600, ".zcrm/refresh/" + credential + ".json": 0o600,
	} {
		if got := mode(t, path+name); got != want {
			t.Errorf("%s has mode %v, want %v", name, got, want)
		}
	}
	if left, _ := filepath.Glob(folderOf(path) + "/*"); len(left) != 3 {
		t.Errorf("in the folder: %v", left)
	}
}

// TestLeaseOwner: what root makes beside another's file is that user's, who goes
// on with it.
func TestLeaseOwner(t *testing.T) {
	needsRoot(t)
	folder := openFolder(t, 0o755)
	path := filepath.Join(folder, "tokens.csv")
	write(t, path, alice, 0o600)
	for _, name := range []string{folder, path} {
		if err := os.Chown(name, another, another); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, path)
	settle(t, s, acquire(t, s, "root"), oauth.Minted)
	for _, name := range []string{".zcrm", ".zcrm/refresh", ".zcrm/refresh/lock", ".zcrm/refresh/" + credential + ".lock", ".zcrm/refresh/" + credential + ".json"} {
		if uid, gid := ownerOf(t, path+name); uid != another || gid != another {
			t.Errorf("%q belongs to %d:%d", name, uid, gid)
		}
	}
	if out := runChild(t, anyoneCanRun(t), "lease", path, asAnother, twoLines); out != "granted 2\nsettled" {
		t.Errorf("its owner: %s", out)
	}
	if st, _ := standing(t, s); st.State != oauth.Dead {
		t.Errorf("root sees %+v", st)
	}
}

// TestLeaseNotAllowed: a user who cannot use the folder is told which.
func TestLeaseNotAllowed(t *testing.T) {
	needsRoot(t)
	binary := anyoneCanRun(t)
	for name, c := range map[string]struct {
		outer, beside, refresh fs.FileMode // of the folders; 0: it is not there
		owner                  int
		why                    string
	}{
		"nothing may be made":     {outer: 0o755, why: "mkdir"},
		"another's folder":        {outer: 0o777, beside: 0o700, why: "belongs to user 0"},
		"another's open folder":   {outer: 0o777, beside: 0o777, refresh: 0o777, why: "belongs to user 0"},
		"its own read-only":       {outer: 0o777, beside: 0o700, refresh: 0o500, owner: another, why: "permission denied"},
		"its own without refresh": {outer: 0o777, beside: 0o500, owner: another, why: "mkdir"},
	} {
		path := filepath.Join(openFolder(t, c.outer), "tokens.csv")
		write(t, path, alice, 0o666)
		for folder, mode := range map[string]fs.FileMode{path + ".zcrm": c.beside, folderOf(path): c.refresh} {
			if mode == 0 {
				continue
			}
			for _, err := range []error{os.MkdirAll(folder, 0o700), os.Chmod(folder, mode), os.Chown(folder, c.owner, c.owner)} {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		out := runChild(t, binary, "lease", path, asAnother, twoLines)
		if !strings.HasPrefix(out, "error: store is not available: ") || !strings.Contains(out, c.why) || !strings.Contains(out, path+".zcrm") {
			t.Errorf("%s: %s", name, out)
		}
	}
}

// TestLeaseReader: a user who may read the token file alone is not kept from it.
func TestLeaseReader(t *testing.T) {
	needsRoot(t)
	path := filepath.Join(openFolder(t, 0o755), "tokens.csv")
	write(t, path, alice, 0o644)
	s := open(t, path)
	settle(t, s, acquire(t, s, "me"), oauth.Failed, oauth.ErrReauthRequired)
	if out := runChild(t, anyoneCanRun(t), "standing", path, asAnother); out != "0 known" {
		t.Errorf("another user: %s", out)
	}
	if out := runChild(t, self(t), "standing", path); out != "1 known" {
		t.Errorf("the owner: %s", out)
	}
}

// TestLeaseDescriptors: nothing stays open, whatever becomes of the leases.
func TestLeaseDescriptors(t *testing.T) {
	count := func() int {
		files, err := os.ReadDir("/dev/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	path, now := location(t), time.Now()
	clock := func() time.Time { return now }
	s, other := newStore(t, csvfile.Config{Path: path, Now: clock}), newStore(t, csvfile.Config{Path: path, Now: clock})
	settle(t, s, acquire(t, s, "me"), oauth.Released)
	before := count()
	for i := range 1000 {
		l := acquire(t, s, "me")
		wantHeld(t, other)
		standing(t, other)
		switch i % 4 {
		case 0:
			settle(t, s, l, oauth.Released)
		case 1:
			settle(t, s, l, oauth.Minted)
		case 2:
			settle(t, s, l, oauth.Failed, oauth.ErrUnreachable)
		} // else it is never settled
		now = now.Add(time.Hour)
	}
	settle(t, s, acquire(t, s, "me"), oauth.Released)
	if after := count(); after > before {
		t.Errorf("%d descriptors before and %d after", before, after)
	}
}
