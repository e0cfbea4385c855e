package rediskv

import (
	"context"
)

// Probe implements [oauth.Prober]: it has the script of Save run each of its
// commands on a key that is gone when the script ends.
func (s *Store) Probe(ctx context.Context) error {
	return s.failed(ctx, "probe", s.tryProbe(ctx))
}

func (s *Store) tryProbe(ctx context.Context) error {
	look, err := s.snapshot(ctx, nil)
	if err != nil {
		return err
	}
	// First those that take away, of which nothing is left if one of the others
	// is forbidden. Then those that add: at the beginning of a script, where they
	// fail when memory is full.
	var takes, adds commands
	takes.add("HDEL", s.keys.probe, "probe")
	takes.add("ZREM", s.keys.probe, "probe")
	takes.add("DEL", s.keys.probe)
	adds.add("HSET", s.keys.probe, "probe", 1)
	adds.add("DEL", s.keys.probe)
	adds.add("ZADD", s.keys.probe, 0, "probe")
	adds.add("DEL", s.keys.probe)
	for _, c := range []commands{takes, adds} {
		if _, err := s.apply(ctx, look, numbers{}, c); err != nil {
			return err
		}
	}
	return nil
}
