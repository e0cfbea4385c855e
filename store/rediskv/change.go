package rediskv

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"zohocrm/oauth"
)

const (
	// patience is how long a change is planned anew because others change the
	// same tokens.
	patience = 10 * time.Second
	// Pauses between two tries, before half is added or taken at random.
	shortestPause = 500 * time.Microsecond
	longestPause  = 25 * time.Millisecond
)

// again runs try until it has done its work. Whoever finds a change in his way
// queues up behind the others in this process, and then meets only those of
// other processes.
func (s *Store) again(ctx context.Context, try func() (done bool, err error)) error {
	done, err := try()
	if done || err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	pause := shortestPause
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); pause = min(2*pause, longestPause) {
		if done, err := try(); done || err != nil {
			return err
		}
		timer := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
	return fmt.Errorf("%w: other programs kept changing the same tokens for %s; try again", oauth.ErrStoreUnavailable, patience)
}

// commands are what one change writes: for each command how many words it has,
// and the words.
type commands []any

func (c *commands) add(words ...any) {
	*c = append(append(*c, len(words)), words...)
}

// apply carries out commands if everything that the look found is still so, and
// for an insert also the highest number. It reports false if not.
func (s *Store) apply(ctx context.Context, l look, insert bool, c commands) (bool, error) {
	highest := ""
	if insert {
		highest = l.highest
	}
	args := append(s.lookArgs(l.of), l.stamp, highest)
	reply, err := s.write(ctx, s.scripts.change, append(args, c...))
	return reply == int64(1), err
}

// put writes row in place of old; with an empty Version there is no old row.
func (s *Store) put(c *commands, row, old oauth.Token, highest int64) {
	set, unset := []any{"HSET", s.keys.row + row.ID}, []any{"HDEL", s.keys.row + row.ID}
	names := fields()
	for i, v := range encode(row) {
		if v != "" {
			set = append(set, names[i], v)
		} else {
			unset = append(unset, names[i])
		}
	}
	insert := old.Version == ""
	c.add(set...)
	if !insert && len(unset) > 2 {
		c.add(unset...)
	}
	for _, key := range indexed() {
		before, after := "", entry(row, key)
		if !insert {
			before = entry(old, key)
		}
		if before != "" && before != after {
			c.add("ZREM", s.keys.index(key), before)
		}
		if after != "" && before != after {
			c.add("ZADD", s.keys.index(key), 0, after)
		}
	}
	if insert {
		c.add("ZADD", s.keys.fixed[orderKey], 0, place(row.ID))
		c.add("HSET", s.keys.fixed[metaKey], "highest", max(highest, oauth.NumberOf(row.ID)))
	}
}

// remove takes row away.
func (s *Store) remove(c *commands, row oauth.Token) {
	for _, key := range indexed() {
		if e := entry(row, key); e != "" {
			c.add("ZREM", s.keys.index(key), e)
		}
	}
	c.add("ZREM", s.keys.fixed[orderKey], place(row.ID))
	c.add("DEL", s.keys.row+row.ID)
}
