//go:build unix

package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFlags keep an open from waiting on a pipe and from following a link that
// took the file's place.
const openFlags = unix.O_NONBLOCK | unix.O_NOFOLLOW

func identity(info fs.FileInfo) (dev, ino uint64, uid uint32) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Dev), st.Ino, st.Uid
	}
	return 0, 0, 0
}

// trusted refuses what belongs to neither this process's user nor root.
func trusted(info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if uid := os.Geteuid(); ok && int(st.Uid) != uid && st.Uid != 0 {
		return fmt.Errorf("belongs to user %d, and this program runs as user %d; use a file of your own", st.Uid, uid)
	}
	return nil
}

// private refuses a file that others can read or write.
func private(info fs.FileInfo, path string) error {
	if err := trusted(info); err != nil {
		return fmt.Errorf("it %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("others than its owner have access to it (mode %04o), so its keys may be known: run chmod 600 %s, and then zcrm keys rotate", mode, path)
	}
	return nil
}

// become gives f the owner of the file that it will replace.
func become(f *os.File, like fs.FileInfo) error {
	st, ok := like.Sys().(*syscall.Stat_t)
	if !ok || int(st.Uid) == os.Geteuid() {
		return nil
	}
	if err := f.Chown(int(st.Uid), int(st.Gid)); err != nil {
		return fmt.Errorf("it belongs to user %d, whom a new file of this program cannot: run as that user: %w", st.Uid, err)
	}
	return nil
}

// isDraft reports whether a file is one that replaceFile made to replace like: keys
// are written into it when it has its owner.
func isDraft(info, like fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	want, same := like.Sys().(*syscall.Stat_t)
	return ok && same && st.Uid == want.Uid && info.Mode() == 0o600
}

func moveFile(from, to string) error { return os.Rename(from, to) }

// syncFolder makes a name in a folder last.
func syncFolder(path string) error {
	folder, err := os.Open(path) // #nosec G304 -- the folder of the caller's file of keys
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOTSUP) {
		return err
	}
	return nil
}
