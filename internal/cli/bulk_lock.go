package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// newBulkKey names the files of a new state: a job has no ID before it is begun,
// and what must not be done twice is written down before.
func newBulkKey() string { return strings.ToLower(rand.Text()) }

// name is that of the state's files without their ending. It stays the same while
// the export or import lives.
func (s *bulkState) name() string {
	if s.Key != "" {
		return s.Kind + "-" + s.Key
	}
	return s.Kind + "-" + s.ID // begun elsewhere
}

// errBulkBusy is the lock of a state that another program holds.
var errBulkBusy = errors.New("another zcrm works on it: wait until that has ended")

// lockBulk keeps all other programs from working on an export or import, until
// unlock: two that go on with it would both send the rows that are left. What is
// held afterwards is the state as the last of them left it.
func (a *app) lockBulk(s *bulkState) (fresh *bulkState, unlock func(), err error) {
	none := func() {}
	folder, err := a.bulkFolder()
	if errors.Is(err, errNoState) {
		return s, none, nil // then there is no state that two could share
	}
	if err := makeFolder(folder); err != nil {
		return nil, none, err
	}
	lock := flock.New(filepath.Join(folder, s.name()+lockEnding), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	switch {
	case err != nil:
		return nil, none, fmt.Errorf("the lock %s cannot be taken: %w", lock.Path(), err)
	case !held:
		return nil, none, advisedError{fmt.Errorf("%s: %w", s.called(), errBulkBusy)}
	}
	unlock = func() { // the end of the process gives it back in any case
		if _, err := os.Stat(filepath.Join(folder, s.name()+".json")); errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(lock.Path()) // nothing came of it
		}
		_ = lock.Unlock()
	}
	if s.path == "" {
		return s, unlock, nil
	}
	fresh, err = readBulk(s.path)
	switch {
	case err != nil:
		unlock()
		return nil, none, fmt.Errorf("%s: its state cannot be read: %w", s.called(), err)
	case fresh.State != "":
		unlock()
		return nil, none, sayf("%s is %s: there is nothing to go on with", fresh.called(), fresh.State)
	}
	return fresh, unlock, nil
}

// called names it for people.
func (s *bulkState) called() string {
	if s.ID == "" {
		return "this " + s.Kind
	}
	return s.Kind + " " + s.ID
}

const lockEnding = ".lock"

// forgetBulk takes a state away, with its lock.
func forgetBulk(s *bulkState) error {
	if s.path == "" {
		return nil
	}
	err := os.Remove(s.path)
	_ = os.Remove(strings.TrimSuffix(s.path, filepath.Ext(s.path)) + lockEnding) // another system may refuse it while it is held
	s.path = ""
	return err
}
