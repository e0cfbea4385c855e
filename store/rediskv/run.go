package rediskv

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"
)

// read runs a script that changes nothing. The client repeats it when the
// connection breaks.
func (s *Store) read(ctx context.Context, sc script, args []any) (any, error) {
	return s.run(ctx, sc, args, false)
}

// write runs a script that changes something. It is never repeated: a script
// that was sent may have been carried out.
func (s *Store) write(ctx context.Context, sc script, args []any) (any, error) {
	reply, err := s.run(ctx, sc, args, true)
	if err != nil {
		return nil, &sentError{err}
	}
	return reply, nil
}

// run has the server run a script that it knows, or sends it the script.
func (s *Store) run(ctx context.Context, sc script, args []any, once bool) (any, error) {
	reply, err := s.eval(ctx, sc.known, args, once)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		reply, err = s.eval(ctx, sc.whole, args, once)
	}
	return reply, err
}

func (s *Store) eval(ctx context.Context, beginning, args []any, once bool) (any, error) {
	cmd := redis.NewCmd(ctx, slices.Concat(beginning, args)...)
	var err error
	if once {
		err = s.call(ctx, onceCmd{cmd})
	} else {
		err = s.call(ctx, cmd)
	}
	if err != nil {
		return nil, err
	}
	return cmd.Val(), nil
}

// onceCmd is a command that the client does not send a second time.
type onceCmd struct{ *redis.Cmd }

func (onceCmd) NoRetry() bool { return true }

// call sends a command and waits for its answer.
func (s *Store) call(ctx context.Context, cmd redis.Cmder) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.client.Process(ctx, cmd)
}
