package keys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks bounds a chain of symbolic links.
const maxLinks = 10

// stamp tells one state of a file from another. The zero stamp is no file.
type stamp struct {
	dev, ino    uint64
	size, mtime int64 // in bytes, and in nanoseconds of Unix time
	uid         uint32
	mode        fs.FileMode
}

// stampOf is the stamp of the file at path, symbolic links followed.
func stampOf(path string) (stamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}, err
	}
	return infoStamp(info), nil
}

func infoStamp(info fs.FileInfo) stamp {
	dev, ino, uid := identity(info)
	return stamp{dev, ino, info.Size(), info.ModTime().UnixNano(), uid, info.Mode()}
}

var errNoFile = errors.New("it is not a file but a folder, a pipe or the like; name a file that `zcrm keys create` made, or give its base64 in a variable as env:NAME")

// resolve follows symbolic links, of users who could read the keys anyway.
func resolve(path string) (string, error) {
	// The link that a shell makes of <(command) leads nowhere by its name.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return "", errNoFile
	}
	for range maxLinks {
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%w; see that the path is right, or make new keys with `zcrm keys create --out FILE`", err)
		}
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, err
		}
		if err := trusted(info); err != nil {
			return "", fmt.Errorf("the symbolic link %s %w", path, err)
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", errors.New("too many symbolic links")
}

// readFile gives what is in a file that nobody else can read or write.
func readFile(path string) ([]byte, stamp, error) {
	target, err := resolve(path)
	if err != nil {
		return nil, stamp{}, err
	}
	f, err := os.OpenFile(target, os.O_RDONLY|openFlags, 0) // #nosec G304 -- the caller's file of keys; owner and mode are checked
	if err != nil {
		return nil, stamp{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, stamp{}, err
	case !info.Mode().IsRegular():
		return nil, stamp{}, errNoFile
	case info.Size() > maxDocument:
		return nil, stamp{}, errDocument
	}
	if err := private(info, target); err != nil {
		return nil, stamp{}, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	return text, infoStamp(info), err
}

// createFile writes a file that is not there yet, for its owner only.
func createFile(path string, text []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|openFlags, 0o600) // #nosec G304 -- the caller's file of keys; owner and mode are checked
	if errors.Is(err, fs.ErrExist) {
		return errors.New("it is there already; name another file, or remove it if no token needs its keys")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s: make it first", filepath.Dir(path))
	}
	if err != nil {
		return err
	}
	if err := finish(f, text); err != nil {
		_ = os.Remove(path) // what is half written is of no use
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// replaceFile puts a new file in the place of target, with the same owner.
func replaceFile(target string, text []byte) error {
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(target), draftName(target)+"*") // made with 0600
	if err != nil {
		return err
	}
	if err := become(f, info); err != nil {
		f.Close()
		_ = os.Remove(f.Name()) // as above
		return err
	}
	if err := finish(f, text); err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	if err := moveFile(f.Name(), target); err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return syncFolder(filepath.Dir(target))
}

// finish writes, syncs and closes.
func finish(f *os.File, text []byte) error {
	_, err := f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// draftName is how the names of files begin that are to replace target. A number
// follows.
func draftName(target string) string { return "." + filepath.Base(target) + ".new-" }

// removeDrafts removes what changes that were killed left beside target: keys in
// the clear, which nothing uses. It is for the holder of the lock, as whoever held
// it before is gone.
func removeDrafts(target string) error {
	like, err := os.Stat(target)
	if err != nil {
		return err
	}
	folder := filepath.Dir(target)
	all, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range all {
		number, ok := strings.CutPrefix(entry.Name(), draftName(target))
		if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
			continue
		}
		info, failed := entry.Info()
		if failed == nil && isDraft(info, like) {
			failed = os.Remove(filepath.Join(folder, entry.Name()))
		}
		err = errors.Join(err, failed)
	}
	return err
}
