package csvfile

import (
	"errors"
	"hash/maphash"
	"time"

	"zohocrm/oauth"
)

// An official SDK rewrites the file in place and without a lock: it cuts it to
// nothing and writes it anew. Who reads meanwhile sees an empty file, a piece of
// one, or one that looks whole and has fewer rows.
const (
	// quiet is for how long nobody must have written to a file before it is
	// believed, unless this package wrote it. File systems tell times in ticks of
	// some milliseconds, so a file read within quiet of its last change is also
	// read again before it is used again.
	quiet = 50 * time.Millisecond
	// quietFewer is the same for a file that has fewer rows than it had.
	quietFewer = 800 * time.Millisecond
	// patience is for how long a file that cannot be believed is looked at again.
	patience = time.Second
	// forgotten is how old an empty file must be to be a new one.
	forgotten = 3 * time.Second
)

// Why a file is not believed yet, and after patience not at all.
var (
	errEmpty    = errors.New("it is empty: a program is rewriting it or was stopped while it did; restore it, or delete it to begin anew")
	errRewrite  = errors.New("another program keeps rewriting it: try again when it is done")
	errChanging = errors.New("it changes while it is read: a program is rewriting it; try again")
)

// view is what is known of the file: its content when it was last read, and
// whether that can be believed.
type view struct {
	target   string // the file, symbolic links followed
	stamp    stamp
	seed     maphash.Seed
	digest   digest // of the file's content as it was read or written
	table    *table // of it; while damage is set, of the last good content
	damage   error  // why it is no table
	seen     time.Time
	readAt   time.Time
	believed bool  // it is the whole file, as its writer meant it
	rows     int   // how many rows were believed last
	highest  int64 // the greatest number known to have been given as an ID
	sides    sides
	wrote    wrote // of sides, when rows was taken from it
	turn     int   // counts the changes of this view
}

func newView(target string) view {
	return view{target: target, seed: maphash.MakeSeed(), table: emptyTable(), sides: newSides(target)}
}

// fits reports whether the view is of the file with this stamp, and needs no
// second reading.
func (v *view) fits(now stamp) bool {
	return v.believed && v.stamp == now && (v.missing() || v.quietAt(v.readAt) >= quiet)
}

// missing reports whether there is no file.
func (v *view) missing() bool { return v.stamp == stamp{} }

// quietAt is for how long nobody had written to the file at that time: by the
// file's own time, or, where the file system's clock differs, since the file was
// first seen like this.
func (v *view) quietAt(at time.Time) time.Duration {
	return max(v.stamp.age(at), at.Sub(v.seen))
}

// watched reports whether the file has been seen like this for a while. Its own
// time is not enough for a file that somebody cuts to nothing: until its blocks
// are freed (measured on ext4: up to 1.8 s under load, in nine of ten cases less
// than 50 ms) its size is new and its time is still the old one.
func (v *view) watched(at time.Time) bool {
	need := quiet
	if v.digest.size == 0 {
		need = patience
	}
	return at.Sub(v.seen) >= need
}

// ended reports whether the last line ends with a line feed. Node's files never
// do, so it is no fault, but such a line may be a piece of one.
func (v *view) ended() bool { return v.digest.ended }

// set notes what was read, and when.
func (v *view) set(now stamp, content digest, at time.Time) {
	if now != v.stamp || v.seen.IsZero() {
		v.seen = at
	}
	v.stamp, v.digest, v.readAt, v.believed, v.damage = now, content, at, false, nil
	v.turn++
}

// parse makes the table of what was read.
func (v *view) parse(text string) {
	t, err := parse(v.target, text, max(v.highest, v.sides.wrote.Highest), v.table)
	if err != nil {
		v.damage = err
		return
	}
	v.table = t
	if t.blank && (v.quietAt(v.readAt) < forgotten || !v.watched(v.readAt) || v.rows > 0 || v.highest > 0 || v.sides.wrote.Highest > 0) {
		v.damage = &oauth.CorruptError{Place: v.target, Reason: errEmpty.Error()}
	}
}

// believe decides whether what was just read is the whole file. waited is for
// how long the caller has been looking.
func (v *view) believe(now time.Time, waited time.Duration) {
	if v.sides.wrote != v.wrote {
		v.wrote, v.rows = v.sides.wrote, v.sides.wrote.Rows
		v.highest = max(v.highest, v.wrote.Highest)
	}
	if v.believed || v.damage != nil {
		return
	}
	need := quiet
	switch rows := len(v.table.rows); {
	case v.missing(), v.stamp == v.wrote.File:
		need = 0
	case rows < v.rows:
		need = quietFewer
	case waited > patience/2:
		need = 0 // a program writes to it all the time, and nothing is missing
	}
	if need == 0 || v.quietAt(now) >= need {
		v.believed, v.rows, v.highest = true, len(v.table.rows), max(v.highest, v.table.highest)
	}
}
