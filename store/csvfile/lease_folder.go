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

const (
	// folderPoll is how often the lock of the folder is tried. It is held for a
	// fraction of this.
	folderPoll = time.Millisecond
	// folderPatience is for how long. Somebody who has it longer was stopped at
	// that very moment, and his lock cannot be taken from him.
	folderPatience = 4 * time.Second
)

// leasesOf is the folder of the leases of a token file.
func leasesOf(target string) string { return filepath.Join(besides(target), "refresh") }

// leaseFolder is the folder of the leases while this process has its lock.
type leaseFolder struct {
	path string
	like fs.FileInfo // the token file; nil for no file
	lock *flock.Flock
	turn chan struct{} // of the Store
}

func (f *leaseFolder) file(name string) string   { return filepath.Join(f.path, name) }
func (f *leaseFolder) record(name string) string { return f.file(name + recordEnd) }

// leave gives the lock back.
func (f *leaseFolder) leave() {
	f.lock.Unlock()
	<-f.turn
}

// enter makes the folder if need be, and takes its lock: among the goroutines of
// this Store by a channel, so that they do not poll.
func (s *Store) enter(ctx context.Context) (_ *leaseFolder, err error) {
	waiting, cancel := context.WithTimeout(ctx, folderPatience)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case s.leases.turn <- struct{}{}:
	case <-waiting.Done():
		return nil, waitedFor(ctx, s.path)
	}
	f := &leaseFolder{turn: s.leases.turn}
	defer func() {
		if err != nil {
			<-f.turn
		}
	}()
	for {
		target, err := resolveOurs(s.path)
		if err != nil {
			return nil, err
		}
		if err := f.prepare(target); err != nil {
			return nil, err
		}
		f.lock = lockOf(f.file("lock"), os.O_CREATE)
		if _, err := f.lock.TryLockContext(waiting, folderPoll); waiting.Err() != nil && err != nil {
			return nil, waitedFor(ctx, f.lock.Path())
		} else if err != nil {
			return nil, cannotLock(f.lock.Path(), err)
		}
		if err := isFile(f.lock); err != nil {
			f.lock.Unlock()
			return nil, err
		}
		if stillThere(f.lock) {
			share(f.lock.Path(), f.like)
			return f, nil
		}
		f.lock.Unlock()
	}
}

// peek takes the lock of a folder if nobody has it; else it answers nil. It
// makes nothing.
func (s *Store) peek(path string) *leaseFolder {
	select {
	case s.leases.turn <- struct{}{}:
	default:
		return nil
	}
	f := &leaseFolder{path: path, turn: s.leases.turn}
	f.lock = lockOf(f.file("lock"), 0)
	if ok, err := f.lock.TryLock(); !ok || err != nil {
		<-f.turn
		return nil
	}
	if isFile(f.lock) != nil || !stillThere(f.lock) {
		f.leave()
		return nil
	}
	return f
}

// prepare sees that the folder is there and that nobody else can write in it: who
// could might turn what is written there elsewhere.
func (f *leaseFolder) prepare(target string) error {
	f.path = leasesOf(target)
	var err error
	if f.like, err = os.Lstat(target); err != nil {
		f.like = nil
	}
	for _, folder := range []string{besides(target), f.path} {
		if err := ownFolder(folder, f.like); err != nil {
			return err
		}
	}
	return nil
}

func ownFolder(folder string, like fs.FileInfo) error {
	info, err := os.Lstat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.Mkdir(folder, 0o700); err == nil {
			share(folder, like)
			syncFolder(filepath.Dir(folder))
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = fmt.Errorf("there is no folder %s: make it first", filepath.Dir(folder))
		case err == nil, errors.Is(err, fs.ErrExist): // another program was quicker
			info, err = os.Lstat(folder)
		}
	}
	switch {
	case err != nil:
	case !info.IsDir():
		err = fmt.Errorf("%s is not a folder: remove it", folder)
	default:
		err = owned(folder, info, like)
	}
	if err != nil {
		return unavailable("use the folder of refreshes", err)
	}
	return nil
}

// isFolder reports whether a folder is there, and not a link to one.
func isFolder(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// lockOf is a lock file that is opened without following a link or waiting for a
// pipe.
func lockOf(path string, create int) *flock.Flock {
	return flock.New(path, flock.SetFlag(os.O_RDWR|openFlags|create), flock.SetPermissions(0o600))
}

// isFile refuses a pipe or device in the place of a lock that we have.
func isFile(lock *flock.Flock) error {
	info, err := lock.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a file: remove it")
	}
	if err != nil {
		return unavailable("lock "+lock.Path(), err)
	}
	return nil
}

// waitedFor is the error of who waited in vain.
func waitedFor(ctx context.Context, path string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("waiting for %s: %w", path, ctx.Err())
	}
	return unavailable("lock "+path, errors.New("a program that has it does not go on: continue that program or end it"))
}
