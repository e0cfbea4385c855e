package keys

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// lockWait is how long a lock that another program holds is waited for, and
// lockEvery how often it is tried.
const (
	lockWait  = 10 * time.Second
	lockEvery = 10 * time.Millisecond
)

// lockFile keeps all other programs from changing the keys of target. The lock
// file stays, empty: whoever waits on a deleted one would not keep out the next.
func lockFile(ctx context.Context, target string) (unlock func(), err error) {
	l := flock.New(target+".lock", flock.SetFlag(os.O_CREATE|os.O_RDWR|openFlags), flock.SetPermissions(0o600))
	waiting, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	switch _, err := l.TryLockContext(waiting, lockEvery); {
	case err == nil:
		return func() { _ = l.Unlock() }, nil // closing the file gives it back in any case
	case ctx.Err() != nil:
		return nil, fmt.Errorf("waiting for its lock %s: %w", l.Path(), ctx.Err())
	case waiting.Err() != nil:
		return nil, fmt.Errorf("another program is changing these keys, or %s is held by something else: try again when that has ended (waited %v)", l.Path(), lockWait)
	default:
		return nil, fmt.Errorf("its lock %s cannot be taken: %w", l.Path(), err)
	}
}
