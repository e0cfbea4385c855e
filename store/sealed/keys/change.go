package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// settle is how long the programs that follow a file may go on sealing with the
// key that was the primary before; some times [lookEvery].
const settle = 5 * time.Second

// Create makes one key and writes it to a file that is not there yet, readable for
// its owner only. It answers the key's ID.
func Create(ctx context.Context, file string, cfg Config) (ID, error) {
	cfg = cfg.complete()
	src, err := writable(ctx, file)
	if err != nil {
		return 0, err
	}
	key, err := freshKey(nil, cfg.Now())
	if err != nil {
		return 0, src.failed(err)
	}
	ring, err := newRing([]*Key{key}, key.id, false)
	if err != nil {
		return 0, src.failed(err)
	}
	text, err := marshal(ring, cfg.Wrap)
	if err != nil {
		return 0, src.failed(err)
	}
	return key.id, src.failed(createFile(src.path, text))
}

// Rotate adds a key and makes it the primary; the others go on reading. Rows are
// sealed anew with it when they are next written, and at once by sealed.SealAll.
func Rotate(ctx context.Context, file string, cfg Config) (ID, error) {
	return add(ctx, file, cfg, true)
}

// Add adds a key that only reads, for keys which programs get by a variable: give
// it to all of them before [Promote] lets any of them seal with it.
func Add(ctx context.Context, file string, cfg Config) (ID, error) {
	return add(ctx, file, cfg, false)
}

func add(ctx context.Context, file string, cfg Config, promote bool) (ID, error) {
	var id ID
	err := change(ctx, file, cfg, func(r *Ring, now time.Time) (*Ring, error) {
		key, err := freshKey(r.keys, now)
		if err != nil {
			return nil, err
		}
		id = key.id
		primary := r.Primary().id
		if promote {
			primary, key.promoted = id, key.created
		}
		return newRing(append(slices.Clone(r.keys), key), primary, r.refusesPlain)
	})
	return id, err
}

// Promote makes a key the primary.
func Promote(ctx context.Context, file string, id ID, cfg Config) error {
	return change(ctx, file, cfg, func(r *Ring, now time.Time) (*Ring, error) {
		all := slices.Clone(r.keys)
		at := slices.IndexFunc(all, func(k *Key) bool { return k.id == id })
		if at < 0 {
			return nil, unknown(id)
		}
		promoted := *all[at]
		promoted.promoted = now.UTC().Truncate(time.Second)
		all[at] = &promoted
		return newRing(all, id, r.refusesPlain)
	})
}

// Retirement says which key is thrown away, and how that is known to be right.
type Retirement struct {
	ID ID
	// InUse counts what still needs the key in every store that these keys seal:
	// sealed.Store.InUse. It runs while the file is locked.
	InUse func(ctx context.Context, id ID) (rows int, err error)
	// Force throws the key away without asking InUse. What needs it is lost.
	Force bool
}

// Retire removes a key from a file, for good. It refuses the primary, a key that
// rows still need, and one that was the primary until a few seconds ago.
func Retire(ctx context.Context, file string, r Retirement, cfg Config) error {
	return change(ctx, file, cfg, func(ring *Ring, now time.Time) (*Ring, error) {
		if _, ok := ring.Key(r.ID); !ok {
			return nil, unknown(r.ID)
		}
		if ring.Primary().id == r.ID {
			return nil, fmt.Errorf("key %d is the primary, which seals; rotate first", r.ID)
		}
		if err := r.allowed(ctx, ring.Primary().promoted, now); err != nil {
			return nil, err
		}
		rest := slices.DeleteFunc(slices.Clone(ring.keys), func(k *Key) bool { return k.id == r.ID })
		return newRing(rest, ring.Primary().id, ring.refusesPlain)
	})
}

func (r Retirement) allowed(ctx context.Context, promoted, now time.Time) error {
	switch {
	case r.Force:
		return nil
	case now.Sub(promoted) < settle:
		return fmt.Errorf("key %d was the primary until a moment ago, and programs may not have noticed; try again after %v", r.ID, settle)
	case r.InUse == nil:
		return errors.New("name the stores that these keys seal, so that it can be seen whether the key is still needed")
	}
	rows, err := r.InUse(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("whether key %d is still needed cannot be seen: %w", r.ID, err)
	}
	if rows > 0 {
		need := fmt.Sprintf("%d rows need", rows)
		if rows == 1 {
			need = "1 row needs"
		}
		return fmt.Errorf("%s key %d; seal the store anew with `zcrm store seal` first", need, r.ID)
	}
	return nil
}

// RefusePlain notes in a file that nothing is stored in plain text any more, so
// that a plain row is taken for damage or forgery by every program that uses the
// keys; or takes that note back.
func RefusePlain(ctx context.Context, file string, refuse bool, cfg Config) error {
	return change(ctx, file, cfg, func(r *Ring, _ time.Time) (*Ring, error) {
		return &Ring{r.keys, refuse}, nil
	})
}

func unknown(id ID) error {
	return fmt.Errorf("there is no key %d; list them with `zcrm keys list`", id)
}

// writable is the file as a source.
func writable(ctx context.Context, file string) (source, error) {
	src, err := parseSource(file)
	if err == nil && src.path == "" {
		err = src.failed(errors.New("a variable cannot be written; change the file that it was made of, and set it anew"))
	}
	if err == nil {
		err = ctx.Err()
	}
	return src, err
}

// change replaces a file under its lock.
func change(ctx context.Context, file string, cfg Config, by func(*Ring, time.Time) (*Ring, error)) error {
	cfg = cfg.complete()
	src, err := writable(ctx, file)
	if err != nil {
		return err
	}
	target, err := resolve(src.path)
	if err != nil {
		return src.failed(err)
	}
	unlock, err := lockFile(ctx, target)
	if err != nil {
		return src.failed(err)
	}
	defer unlock()
	ring, _, err := source{path: target}.read(ctx, cfg)
	if err != nil {
		return err
	}
	if err := removeDrafts(target); err != nil {
		cfg.Logger.Warn("a change that was killed left keys beside their file, which cannot be removed; remove them", "error", src.failed(err))
	}
	if ring, err = by(ring, cfg.Now()); err != nil {
		return src.failed(err)
	}
	text, err := marshal(ring, cfg.Wrap)
	if err != nil {
		return src.failed(err)
	}
	if len(text) > maxDocument {
		return src.failed(errors.New("it holds too many keys; retire those that no row needs"))
	}
	return src.failed(replaceFile(target, text))
}
