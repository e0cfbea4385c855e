package csvfile

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"os"
	"path/filepath"
	"time"
)

// busy is for how long a write is tried on a file that another program changes
// before every try is done.
const busy = 5 * time.Second

// edit is what a write does.
type edit struct {
	rows  []*row  // what stands in the file afterwards; nil leaves the file alone
	was   []*row  // the rows that went
	is    []*row  // the rows that came
	notes []entry // for side.log
	last  bool    // the notes must not be lost
}

// planner decides what a write does to the table. It may be called again.
type planner func(*view, *table) (edit, error)

// errOvertaken: the file is not any more what the edit was made for.
var errOvertaken = errors.New("the file was changed meanwhile")

// change carries out under the lock what plan decides.
//
// The official SDKs take no lock. One that changes the file before it is
// replaced is noticed: the file is read again and the edit planned anew. One
// that had opened it, and so goes on writing to a file that is nobody's any
// more, is noticed too: what it writes is read, and the edit planned on that.
// What cannot be helped is an SDK that read the file before the change and
// rewrites it afterwards.
func (s *Store) change(ctx context.Context, plan planner) error {
	target, unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	var stray *table
	for began := s.clock(); ; {
		stray, err = s.changeOnce(ctx, target, stray, plan)
		if stray != nil {
			ctx = context.WithoutCancel(ctx) // another program's write is in our hands; busy bounds it
		}
		switch {
		case stray == nil && !errors.Is(err, errOvertaken):
			return err
		case s.clock().Sub(began) >= busy:
			return unavailable("write "+target, errRewrite)
		}
	}
}

// changeOnce plans and writes. stray is the table to plan on if it is not the
// file's. It answers errOvertaken if nothing was written because the file was
// changed, and a table if another program overtook what was written.
func (s *Store) changeOnce(ctx context.Context, target string, stray *table, plan planner) (*table, error) {
	var b base
	var e edit
	var refused error // what plan says of stray, which has to be put back all the same
	err := s.await(ctx, true, false, func(v *view) (err error) {
		if v.target != target {
			return unavailable("write "+target, errors.New("the symbolic link to it was changed: try again"))
		}
		on := v.table
		if stray != nil {
			on = stray
		}
		b = baseOf(v, on)
		e, err = plan(v, on)
		if stray != nil && e.rows == nil {
			refused, err = err, nil
			e.rows = stray.rows
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if e.rows == nil {
		return nil, s.noteOnly(target, e)
	}
	defer b.close()
	now, data, err := s.write(ctx, &b, e)
	s.settle(&b, e, now, data, err == nil && stray == nil)
	if err != nil {
		return nil, err
	}
	if b.overtaken() {
		if stray = s.salvage(ctx, &b); stray != nil {
			return stray, nil
		}
	}
	s.compact(&b)
	return nil, refused
}

// noteOnly writes side data and leaves the token file alone.
func (s *Store) noteOnly(target string, e edit) error {
	if len(e.notes) == 0 {
		return nil
	}
	like, err := os.Lstat(target)
	if err != nil {
		like = nil
	}
	path := filepath.Join(besides(target), sideLog)
	if err := note(path, like, true, e.notes...); err != nil {
		return unavailable("write "+path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view.sides.refresh()
	return nil
}

// settle makes the view that of the file just written, if nobody looked
// meanwhile; else the next look reads it.
func (s *Store) settle(b *base, e edit, now stamp, data []byte, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := &s.view
	v.sides.refresh()
	if !done || v.turn != b.turn || v.table.bad {
		v.believed = false
		return
	}
	v.set(now, digest{maphash.Bytes(v.seed, data), int64(len(data)), bytes.HasSuffix(data, []byte("\n"))}, s.clock())
	v.table.take(e)
	v.believe(s.clock(), 0)
}

// salvage reads what a program writes into a file that has just been replaced,
// until it is done. It answers nil if that comes to nothing: then what replaced
// the file stands.
func (s *Store) salvage(ctx context.Context, b *base) *table {
	ctx = context.WithoutCancel(ctx) // the file is replaced already; patience bounds it
	v := newView(b.target)
	for began := s.clock(); ; {
		waited := s.clock().Sub(began)
		if info, err := b.file.Stat(); err == nil && info.Size() <= maxFile {
			if text, err := content(b.file, info.Size()); err == nil {
				v.set(stampOf(info), digestOf(v.seed, text), s.clock())
				v.table, v.rows, v.highest = emptyTable(), b.rows, b.highest
				v.parse(text)
				v.believe(s.clock(), waited)
			}
		}
		if v.believed {
			return v.table
		}
		if waited >= patience || s.pause(ctx, pollEvery) != nil {
			s.log.Warn("a program was stopped while it rewrote the token file, or keeps doing it; its change was not taken over", "file", b.target)
			return nil
		}
	}
}
