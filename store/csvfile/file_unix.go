//go:build unix

package csvfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFlags keep an open from waiting on a pipe and from following a link that
// took the file's place.
const openFlags = unix.O_NONBLOCK | unix.O_NOFOLLOW

// othersMask are the permissions of users who are neither the owner nor of the group.
const othersMask fs.FileMode = 0o007

func identity(info fs.FileInfo) (dev, ino uint64) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Dev), uint64(st.Ino)
	}
	return 0, 0
}

// statStamp is the stamp of the file at path, symbolic links followed. It is
// what a Find costs, so it makes no fs.FileInfo.
func statStamp(path string) (stamp, error) {
	var st unix.Stat_t
	for {
		switch err := unix.Stat(path, &st); err {
		case nil:
			return stamp{Dev: uint64(st.Dev), Ino: uint64(st.Ino), Size: st.Size, Mtime: st.Mtim.Nano()}, nil
		case unix.EINTR:
		case unix.ENOENT:
			return stamp{}, nil
		default:
			return stamp{}, &fs.PathError{Op: "stat", Path: path, Err: err}
		}
	}
}

func owner(info fs.FileInfo) (uid, gid int) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid), int(st.Gid)
	}
	return os.Geteuid(), os.Getegid()
}

// become gives f the owner, the group and the permissions of the file that it
// will replace, those of others taken away. Without a like it does nothing.
func become(f *os.File, like fs.FileInfo) error {
	if like == nil {
		return nil
	}
	uid, gid := owner(like)
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if u, g := owner(info); u != uid || g != gid {
		if err := f.Chown(uid, gid); err != nil {
			return fmt.Errorf("it belongs to user %d and group %d, which a new file of this process cannot: run as that user: %w", uid, gid, err)
		}
	}
	return f.Chmod(like.Mode().Perm() &^ othersMask)
}

// share gives what a process of user root made beside a file to that file's
// owner, so that the owner's own programs can use it.
func share(path string, like fs.FileInfo) {
	if like == nil || os.Geteuid() != 0 {
		return
	}
	if uid, gid := owner(like); uid != 0 {
		_ = os.Lchown(path, uid, gid) // at worst, its owner is told that it cannot be used
	}
}

// folderWritable reports why no file can be made in a folder.
func folderWritable(folder string) error {
	if err := unix.Access(folder, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("folder %s cannot be written: %w", folder, err)
	}
	return nil
}

// replace puts the file from in the place of the file to, and makes that last.
func replace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOTSUP) {
		return err
	}
	return nil
}

// canWatch: a replaced file that is still open can be asked whether somebody
// wrote to it.
const canWatch = true
