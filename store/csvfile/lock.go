package csvfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// pollEvery is how often a lock that is held, or a file that is being rewritten,
// is looked at again.
const pollEvery = 10 * time.Millisecond

// besides is the folder beside the token file in which everything else is kept.
// Losing it is harmless, but not while it is in use: the lock is in it.
func besides(target string) string { return target + ".zcrm" }

// lock makes the caller the only writer: of this Store by a channel, and of all
// Stores and processes that know the lock file, by locking that. The official
// SDKs take no lock; see [Store.change] for them. It answers the file that is
// locked, its symbolic links followed.
//
// The lock file is never deleted: whoever waits on a deleted one would not keep
// out who makes a new one.
func (s *Store) lock(ctx context.Context) (target string, unlock func(), err error) {
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return "", nil, ctx.Err()
	}
	defer func() {
		if err != nil {
			<-s.writing
		}
	}()
	for {
		if target, err = resolveOurs(s.path); err != nil {
			return "", nil, err
		}
		file, err := lockFile(ctx, target)
		if err != nil {
			return "", nil, err
		}
		if now, err := resolveOurs(s.path); err == nil && now == target && stillThere(file) {
			return target, func() { file.Unlock(); <-s.writing }, nil
		}
		file.Unlock()
	}
}

// lockFile makes the folder and the lock file if need be, and locks it.
func lockFile(ctx context.Context, target string) (*flock.Flock, error) {
	like, err := os.Lstat(target)
	if err != nil {
		like = nil
	}
	folder := besides(target)
	switch err := os.Mkdir(folder, 0o700); {
	case err == nil:
		share(folder, like)
	case errors.Is(err, fs.ErrNotExist):
		return nil, unavailable("write "+target, fmt.Errorf("there is no folder %s: make it first", filepath.Dir(target)))
	case !errors.Is(err, fs.ErrExist):
		return nil, unavailable("make the folder of the lock", err)
	}
	info, err := os.Lstat(folder)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder: remove it", folder)
	}
	if err == nil {
		err = owned(folder, info, like)
	}
	if err != nil {
		return nil, unavailable("use the folder of the lock", err)
	}
	file := lockOf(filepath.Join(folder, "lock"), os.O_CREATE)
	if _, err := file.TryLockContext(ctx, pollEvery); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("waiting for the lock of %s: %w", target, ctx.Err())
		}
		return nil, cannotLock(file.Path(), err)
	}
	if err := isFile(file); err != nil {
		file.Unlock()
		return nil, err
	}
	share(file.Path(), like)
	return file, nil
}

// cannotLock is the error of a lock that cannot be opened.
func cannotLock(path string, why error) error {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		why = errors.New("it is a symbolic link: remove it")
	}
	return unavailable("lock "+path, why)
}

// stillThere reports whether the locked file is the one that others will lock.
func stillThere(file *flock.Flock) bool {
	held, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(file.Path())
	return err == nil && os.SameFile(held, there)
}

// wait sleeps for d or until the context ends.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
