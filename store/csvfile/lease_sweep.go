package csvfile

import (
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

const (
	// keepRecord is how old a record is at least when it is removed.
	keepRecord = 30 * 24 * time.Hour
	// sweepEvery is how often old records are looked for; the time of the folder's
	// lock says when that was. Programs that run for a moment would otherwise each
	// do it.
	sweepEvery = 24 * time.Hour
	// sweepSome bounds how many records are looked at, and so for how long the
	// others wait: some 20 ms.
	sweepSome = 1000
)

// sweep removes records that say nothing any more, with their locks, once a day
// and when a record is added, since their number grows only then. clock is the
// file system's, now that of the leases. Nothing depends on it, so a failure is
// nobody's.
//
// A lock file must not be removed while somebody could have it open: he would
// hold, or wait for, another file than who makes a new one. Here nobody can: it
// is opened only under the lock of the folder, which is ours, and whoever keeps it
// open beyond that has locked it, which we try. The lock of the folder itself is
// never removed, since others wait for it.
func (f *leaseFolder) sweep(clock, now time.Time) {
	info, err := f.lock.Stat()
	if err != nil || clock.Sub(info.ModTime()) < sweepEvery || os.Chtimes(f.lock.Path(), clock, clock) != nil {
		return
	}
	folder, err := os.Open(f.path)
	if err != nil {
		return
	}
	defer folder.Close()
	files, err := folder.Readdirnames(-1)
	if err != nil || len(files) == 0 {
		return
	}
	for i, first := 0, rand.N(len(files)); i < min(len(files), sweepSome); i++ { // #nosec G404 -- where to begin; nothing secret depends on it
		if name, is := strings.CutSuffix(files[(first+i)%len(files)], recordEnd); is {
			f.forget(name, clock, now)
		}
	}
}

// forget removes a credential's files if they are old and say nothing any more.
func (f *leaseFolder) forget(name string, clock, now time.Time) {
	info, err := os.Lstat(f.record(name))
	if err != nil || clock.Sub(info.ModTime()) < keepRecord {
		return
	}
	r, known, err := readRecord(f.record(name))
	if err != nil || !known || !r.Idle(now) {
		return
	}
	g, err := f.seize(name)
	if err != nil || g == nil {
		return
	}
	g.free() // Windows removes no open file; nobody can open it meanwhile
	if os.Remove(f.file(name+lockEnd)) == nil {
		os.Remove(f.record(name))
	}
}
