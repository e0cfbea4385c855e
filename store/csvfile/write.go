package csvfile

import (
	"context"
	"errors"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"

	"zohocrm/oauth"
)

// base is the file as it was when a write was planned on it.
type base struct {
	target  string
	stamp   stamp
	seed    maphash.Seed
	digest  digest
	young   bool // the stamp does not yet tell every change
	turn    int
	rows    int
	highest int64
	extra   []string    // of the table that was planned on
	like    fs.FileInfo // nil for no file
	file    *os.File    // nil for no file, and where an open file cannot be replaced
}

func baseOf(v *view, on *table) base {
	return base{
		target: v.target, stamp: v.stamp, seed: v.seed, digest: v.digest, young: v.quietAt(v.readAt) < quiet,
		turn: v.turn, rows: len(v.table.rows), highest: v.highest, extra: on.extra,
	}
}

func (b *base) close() {
	if b.file != nil {
		b.file.Close()
	}
}

// hold opens the file, so that it can be asked later whether somebody wrote to it.
func (b *base) hold() error {
	f, info, err := open(b.target)
	switch {
	case err != nil:
		return err
	case f == nil && b.stamp == stamp{}:
		return nil
	case f == nil:
		return errOvertaken
	}
	b.like = info
	if canWatch {
		b.file = f
	} else {
		defer f.Close()
	}
	if stampOf(info) != b.stamp {
		return errOvertaken
	}
	return nil
}

// stands reports whether the file is still as it was.
func (b *base) stands() (bool, error) {
	f, info, err := open(b.target)
	if err != nil || f == nil {
		return b.stamp == stamp{}, err
	}
	defer f.Close()
	if stampOf(info) != b.stamp || !b.young {
		return stampOf(info) == b.stamp, nil
	}
	return holds(f, b.seed, b.digest)
}

// overtaken reports whether somebody wrote to the file after it was replaced.
// An SDK cuts it to nothing when it opens it, which shows at once.
func (b *base) overtaken() bool {
	if b.file == nil {
		return false
	}
	info, err := b.file.Stat()
	return err == nil && stampOf(info) != b.stamp
}

// write makes the new file in the folder beside the old one, where it is on the
// same file system, nobody else can see it, and what is left of it when a
// process dies is in nobody's way; then puts it in place. The answer is the new
// file's state and content.
//
// The side data are noted first, with the state of the new file: losing the file
// then leaves notes that nobody needs, and whoever sees the file can have them.
func (s *Store) write(ctx context.Context, b *base, e edit) (stamp, []byte, error) {
	if err := b.hold(); err != nil {
		return stamp{}, nil, err
	}
	if err := writable(b.target, b.like); err != nil {
		return stamp{}, nil, unavailable("write "+b.target, err)
	}
	data := encode(s.spare, e.rows, b.extra)
	s.spare = data
	fresh := filepath.Join(besides(b.target), "new")
	now, err := writeNew(fresh, data, b.like)
	if err != nil {
		return stamp{}, nil, unavailable("write "+b.target+", which is as it was", err)
	}
	if err := s.place(ctx, b, e, fresh, now); err != nil {
		os.Remove(fresh)
		return stamp{}, nil, err
	}
	return now, data, nil
}

func (s *Store) place(ctx context.Context, b *base, e edit, fresh string, now stamp) error {
	w := wrote{Highest: b.highest, Rows: len(e.rows), File: now}
	for _, r := range append(e.is, e.was...) {
		w.Highest = max(w.Highest, oauth.NumberOf(r.columns().ID))
	}
	log := filepath.Join(besides(b.target), sideLog)
	if err := note(log, b.like, e.last, append(e.notes, entry{Wrote: &w})...); err != nil {
		return unavailable("write "+log+", and so not the token file", err)
	}
	stands, err := b.stands()
	switch {
	case err != nil:
		return err
	case !stands:
		return errOvertaken
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if err := s.replace(fresh, b.target); err != nil {
		return unavailable("replace "+b.target, err)
	}
	return nil
}

// writeNew makes a file that is safe on disk when it returns, with the owner and
// permissions of the one it will replace. What a writer that died left there goes.
func writeNew(path string, data []byte, like fs.FileInfo) (stamp, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return stamp{}, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- a new file beside the caller's
	if err != nil {
		return stamp{}, err
	}
	var info fs.FileInfo
	if err = become(f, like); err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		info, err = f.Stat()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
		return stamp{}, err
	}
	return stampOf(info), nil
}
