package csvfile

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/natefinch/atomic"
	"golang.org/x/sys/windows"
)

// openFlags: nothing is needed, a pipe has no path among the files.
const openFlags = 0

// othersMask: access lists say who may read, and permission bits say nothing.
const othersMask fs.FileMode = 0

// identity is not in what os.Stat reads here; size and time have to do.
func identity(fs.FileInfo) (dev, ino uint64) { return 0, 0 }

// statStamp is the stamp of the file at path, symbolic links followed.
func statStamp(path string) (stamp, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return stamp{}, nil
	case err != nil:
		return stamp{}, err
	}
	return stampOf(info), nil
}

// become: a file made in a folder beneath the token file's inherits that one's access list.
func become(*os.File, fs.FileInfo) error { return nil }

func share(string, fs.FileInfo) {}

func folderWritable(string) error { return nil }

// replace puts the file from in the place of the file to, and makes that last
// (MoveFileEx with write-through). It fails while another program has the file
// open, so it is tried for a second.
func replace(from, to string) error {
	for deadline := time.Now().Add(time.Second); ; {
		err := atomic.ReplaceFile(from, to)
		busy := errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
		if !busy || time.Now().After(deadline) {
			return err
		}
		time.Sleep(pollEvery)
	}
}

// canWatch: an open file cannot be replaced here.
const canWatch = false
