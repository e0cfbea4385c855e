//go:build unix

package keys_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"zohocrm/store/sealed/keys"
)

func TestMode(t *testing.T) {
	file, _ := created(t, keys.Config{})
	mode := func() os.FileMode {
		t.Helper()
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if mode() != 0o600 {
		t.Errorf("Create made a file with mode %04o", mode())
	}
	for _, open := range []os.FileMode{0o640, 0o604, 0o660, 0o602, 0o610, 0o644} {
		if err := os.Chmod(file, open); err != nil {
			t.Fatal(err)
		}
		_, err := keys.Open(t.Context(), file, keys.Config{})
		refused(t, err, "chmod 600 "+file)
		_, err = keys.Rotate(t.Context(), file, keys.Config{})
		refused(t, err, "chmod 600 "+file)
	}
	for _, closed := range []os.FileMode{0o400, 0o600} {
		if err := os.Chmod(file, closed); err != nil {
			t.Fatal(err)
		}
		open(t, file, keys.Config{})
	}
	if _, err := keys.Rotate(t.Context(), file, keys.Config{}); err != nil || mode() != 0o600 {
		t.Errorf("after Rotate the mode is %04o: %v", mode(), err)
	}
}

// TestClosedAgain: a rotated file that others had access to for a while is read as
// soon as they have none.
func TestClosedAgain(t *testing.T) {
	now := newClock()
	file, _ := created(t, keys.Config{})
	set := open(t, file, keys.Config{Now: now.Now})
	for name, look := range map[string]func() *keys.Ring{
		"at once":        set.Look,
		"after a second": func() *keys.Ring { now.pass(time.Second); return set.Ring() },
	} {
		before := set.Ring()
		rotated, err := keys.Rotate(t.Context(), file, keys.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
		if look() != before {
			t.Errorf("%s: a file that others can read was taken", name)
		}
		if err := os.Chmod(file, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := look().Primary().ID(); got != rotated {
			t.Errorf("%s: the primary is %d, want %d", name, got, rotated)
		}
	}
}

// TestLinks: a link of one's own leads to the file, which Rotate replaces, and not
// the link.
func TestLinks(t *testing.T) {
	file, _ := created(t, keys.Config{})
	folder := t.TempDir()
	link, loop := filepath.Join(folder, "link"), filepath.Join(folder, "loop")
	for from, to := range map[string]string{link: file, loop: "loop"} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	id, err := keys.Rotate(t.Context(), link, keys.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if got := open(t, file, keys.Config{}).Ring().Primary().ID(); got != id {
		t.Errorf("the file has the primary %d, want %d", got, id)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	_, err = keys.Open(t.Context(), loop, keys.Config{})
	refused(t, err, "too many symbolic links")
	_, err = keys.Create(t.Context(), link, keys.Config{})
	refused(t, err, "it is there already")
}

// TestPipe: nobody waits for a pipe, named or as a shell hands it over.
func TestPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer r.Close()
	for _, pipe := range []string{pipe, fmt.Sprintf("/dev/fd/%d", r.Fd())} {
		_, err := keys.Open(t.Context(), pipe, keys.Config{})
		refused(t, err, "it is not a file but a folder, a pipe or the like; name a file")
		_, err = keys.Rotate(t.Context(), pipe, keys.Config{})
		refused(t, err, "give its base64 in a variable as env:NAME")
	}
}

// TestOwner: a file or a link of another user is not taken. It needs root, who alone
// can make one.
func TestOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to another user")
	}
	file, _ := created(t, keys.Config{})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	if err := os.Lchown(link, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	_, err := keys.Open(t.Context(), link, keys.Config{})
	refused(t, err, "belongs to user 65534")
	if err := os.Chown(file, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	_, err = keys.Open(t.Context(), file, keys.Config{})
	refused(t, err, "belongs to user 65534")
	_, err = keys.Rotate(t.Context(), file, keys.Config{})
	refused(t, err, "belongs to user 65534")
}

// plantOthers makes files whose names are as those of killed changes, and which are
// not theirs by kind, mode or owner.
func plantOthers(t testing.TB, plant func(name string) string) {
	t.Helper()
	for name, mode := range map[string]os.FileMode{".zcrm.keys.new-10": 0o644, ".zcrm.keys.new-11": 0o400, ".zcrm.keys.new-12": 0o660} {
		if err := os.Chmod(plant(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	outside := plant("outside")
	if err := os.Symlink(outside, filepath.Join(filepath.Dir(outside), ".zcrm.keys.new-20")); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(plant(".zcrm.keys.new-30"), 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
}
