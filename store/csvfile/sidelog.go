package csvfile

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"zohocrm/oauth"
)

// keepSide is how long the side data of a token that is in no row are kept: an
// official SDK that rewrites the file from what it read long ago brings rows back.
const keepSide = 30 * 24 * time.Hour

// crowd is how many lines the log has at least when it is compacted.
const crowd = 1000

// note appends lines to the side.log at path, under the lock. last makes them
// safe on disk when it returns; if it fails, the log is as it was. like is the
// token file, to whose owner a new log is given.
func note(path string, like fs.FileInfo, last bool, entries ...entry) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE|openFlags, 0o600) // #nosec G304 -- in the store's own folder
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	text, err := lead(f, info.Size())
	if err != nil {
		return err
	}
	if text, err = appendLines(text, entries); err != nil {
		return err
	}
	if info.Size() == 0 {
		share(path, like)
	}
	_, err = f.Write(text)
	if err == nil && last {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Truncate(info.Size()))
	}
	return nil
}

// lead is what has to come before a new line: the name of a new log, or a line
// feed behind what a writer left when it died.
func lead(f *os.File, size int64) ([]byte, error) {
	if size == 0 {
		return appendLines(nil, []entry{{Log: rand.Text()}})
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, size-1); err != nil {
		return nil, err
	}
	if last[0] != '\n' {
		return last[:copy(last, "\n")], nil
	}
	return nil, nil
}

func appendLines(text []byte, entries []entry) ([]byte, error) {
	for _, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		text = append(append(text, line...), '\n')
	}
	return text, nil
}

// compact writes the log anew when most of its lines are out of date, with the
// side data of the rows there are and of those that went a short while ago. It
// is called under the lock. Failing does no harm: the log only stays long.
func (s *Store) compact(b *base) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	d := &s.view.sides
	if d.lines < crowd || d.lines < 3*len(d.entries) {
		return
	}
	text, err := appendLines(nil, d.worth(s.view.table.rows, s.now()))
	if err == nil {
		_, err = writeNew(d.path+".new", text, nil)
	}
	if err == nil {
		share(d.path+".new", b.like)
		err = replace(d.path+".new", d.path)
	}
	if err != nil {
		s.log.Warn("the side data's log could not be made shorter", "file", d.path, "error", err)
	}
}

// worth is the lines that are worth keeping.
func (d *sides) worth(rows []*row, now time.Time) []entry {
	live := make(map[string]bool, len(rows))
	for _, r := range rows {
		live[r.token(nil).side] = true
	}
	kept := []entry{{Log: rand.Text()}, {Wrote: &d.wrote}}
	for key, side := range d.entries {
		if live[key] || now.Sub(lastTouch(side)) < keepSide {
			e := entryOf(side)
			e.Key = key
			kept = append(kept, e)
		}
	}
	return kept
}

func lastTouch(t oauth.Token) time.Time {
	last := t.CreatedAt
	for _, at := range []time.Time{t.UpdatedAt, t.LastUsedAt} {
		if at.After(last) {
			last = at
		}
	}
	return last
}
