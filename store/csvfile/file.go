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
	"zohocrm/store/internal/whose"
)

// maxFile bounds what is read into memory, in bytes: about a million tokens.
const maxFile = 256 << 20

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

// resolve follows path to the file that is meant, which need not exist. It refuses
// what is not a file, and links by which another user would choose it, and opens
// nothing.
func resolve(path string) (whose.Place, error) {
	p, err := whose.Find(path)
	if err != nil {
		return p, unavailable("find the token file", err)
	}
	if p.File != nil && !p.File.Mode().IsRegular() {
		return p, unavailable("use "+p.Path, notAFile(p.File.Mode()))
	}
	return p, nil
}

// resolveOurs is resolve for who will write: it refuses another user's file, too.
func resolveOurs(path string) (target string, err error) {
	p, err := resolve(path)
	if err != nil {
		return "", err
	}
	if err := p.Ours(); err != nil {
		return "", unavailable("write the token file", err)
	}
	return p.Path, nil
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

// writable reports why the file could not be replaced, as far as that can be known
// without trying. file is what stood there when it was opened; nil for nothing.
func writable(target string, file fs.FileInfo) error {
	at, err := whose.Find(target)
	if err != nil {
		return err
	}
	at.File = file // and not who may have taken its place since
	if err := at.Ours(); err != nil {
		return err
	}
	if err := folderWritable(filepath.Dir(target)); err != nil {
		return err
	}
	return fileWritable(target, file)
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
