package csvfile

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zohocrm/oauth"
)

// maxFile bounds what is read into memory, in bytes: about a million tokens.
const maxFile = 256 << 20

// maxLinks bounds how many symbolic links lead to a file.
const maxLinks = 40

// stamp tells one state of a file from another. The zero stamp is a file that is
// not there.
type stamp struct {
	Dev   uint64 `json:"dev,omitempty"` // 0 on Windows, as is Ino
	Ino   uint64 `json:"ino,omitempty"`
	Size  int64  `json:"size"`
	Mtime int64  `json:"mtime"` // Unix time in nanoseconds
}

func stampOf(info fs.FileInfo) stamp {
	dev, ino := identity(info)
	return stamp{Dev: dev, Ino: ino, Size: info.Size(), Mtime: info.ModTime().UnixNano()}
}

// age is how long before now the file was last written, by its own time.
func (s stamp) age(now time.Time) time.Duration { return now.Sub(time.Unix(0, s.Mtime)) }

// unavailable is [oauth.ErrStoreUnavailable] with what failed and why.
func unavailable(doing string, why error) error {
	return fmt.Errorf("%w: %s: %w", oauth.ErrStoreUnavailable, doing, why)
}

// resolve follows path to the file that is meant, which need not exist. A
// symbolic link is followed only to a file of the link's own owner: else whoever
// can make a link could choose which file of another user is rewritten. It
// refuses what is not a file, and opens nothing.
func resolve(path string) (string, error) {
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil // reading finds no file; writing says that the folder is missing
	}
	if err != nil {
		return "", unavailable("find the token file", err)
	}
	at := filepath.Join(folder, filepath.Base(path))
	var links []fs.FileInfo
	for {
		info, err := os.Lstat(at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return at, ownedBy(at, nil, links)
		case err != nil:
			return "", unavailable("find the token file", err)
		case info.Mode().IsRegular():
			return at, ownedBy(at, info, links)
		case info.Mode()&fs.ModeSymlink == 0:
			return "", unavailable("use "+at, notAFile(info.Mode()))
		case len(links) == maxLinks:
			return "", unavailable("use "+path, errors.New("too many symbolic links"))
		}
		links = append(links, info)
		if at, err = step(at); err != nil {
			return "", unavailable("follow the symbolic link "+path, err)
		}
	}
}

// step is where the symbolic link at leads, with the folders on the way resolved.
func step(at string) (string, error) {
	to, err := os.Readlink(at)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(to) {
		to = filepath.Dir(at) + string(filepath.Separator) + to
	}
	folder, name := filepath.Split(to) // which leaves ".." for EvalSymlinks to follow
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return "", err
	}
	return filepath.Join(folder, name), nil
}

func notAFile(mode fs.FileMode) error {
	kind := "a device, pipe or socket"
	if mode.IsDir() {
		kind = "a folder"
	}
	return fmt.Errorf("it is %s, not a file: give the path of a file", kind)
}

// open opens a resolved file for reading. It never waits, not even on a pipe
// that took the file's place. No file is a nil file and no error.
func open(target string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(target, os.O_RDONLY|openFlags, 0) // #nosec G304 -- the caller's token file
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, unavailable("read the token file", err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		err = unavailable("read the token file", err)
	case !info.Mode().IsRegular():
		err = unavailable("use "+target, notAFile(info.Mode()))
	case info.Size() > maxFile:
		err = &oauth.CorruptError{Place: target, Reason: "it is too large for a token file"}
	default:
		return f, info, nil
	}
	f.Close()
	return nil, nil, err
}

// readSize is how much of a file is read at a time, in bytes.
const readSize = 256 << 10

// digest tells one content of a file from another, in a process.
type digest struct {
	sum   uint64
	size  int64
	ended bool // with a line feed
}

func digestOf(seed maphash.Seed, text string) digest {
	return digest{maphash.String(seed, text), int64(len(text)), strings.HasSuffix(text, "\n")}
}

// holds reports whether the file's content is the one with this digest.
func holds(f *os.File, seed maphash.Seed, want digest) (bool, error) {
	var h maphash.Hash
	h.SetSeed(seed)
	size, err := readAll(f, want.size, &h)
	if errors.Is(err, errTooLong) {
		return false, nil
	}
	return err == nil && size == want.size && h.Sum64() == want.sum, err
}

// content reads the whole file from its start. size is how long it seems to be.
func content(f *os.File, size int64) (string, error) {
	var text strings.Builder
	text.Grow(int(size))
	_, err := readAll(f, maxFile, &text)
	if errors.Is(err, errTooLong) {
		err = &oauth.CorruptError{Place: f.Name(), Reason: "it is too large for a token file"}
	}
	return text.String(), err
}

var errTooLong = errors.New("the file is longer than that")

// readAll reads a file from its start, and no more than this many bytes.
func readAll(f *os.File, most int64, to io.Writer) (size int64, err error) {
	buf := make([]byte, readSize)
	for {
		n, err := f.ReadAt(buf, size)
		if size += int64(n); size > most {
			return size, errTooLong
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return size, err
		}
		switch {
		case err == io.EOF:
			return size, nil
		case err != nil:
			return size, unavailable("read the token file", err)
		}
	}
}

// fileWritable reports why this process may not write to an existing file. A
// file could be replaced all the same, but that is not what its owner meant.
func fileWritable(target string, file fs.FileInfo) error {
	if file == nil {
		return nil
	}
	if file.Mode().Perm()&0o222 == 0 {
		return fmt.Errorf("%s is read-only: allow writing to it", target)
	}
	f, err := os.OpenFile(target, os.O_WRONLY|openFlags, 0) // #nosec G304 -- the caller's token file
	if err != nil {
		return err
	}
	return f.Close()
}
