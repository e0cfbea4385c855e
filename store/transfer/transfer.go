// Package transfer copies every token of one store into another, whatever the
// two are: a file that an official SDK wrote into a database, a database into
// another, a store into one that holds something already.
//
// The source is only read. Tokens are streamed in batches; each batch is saved,
// read back from the target and compared, all ten columns and the side data, at the
// latest while the next one is saved. A token that the target does not take is put on a
// list and does not stop the others. What the target holds and the source does
// not is left alone, and nothing newer in the target is written over.
//
// A copy that was interrupted is finished by copying again: what is there and
// equal is passed over. So is a store that was in use meanwhile: copy until
// nothing is inserted or updated.
//
// Memory does not grow with the number of tokens, but with what the [Report]
// lists: new IDs, duplicates and refusals, some hundred bytes each.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"zohocrm/oauth"
)

// Config says how to copy. The zero value works.
type Config struct {
	// BatchSize is how many tokens are saved and read back in one step. 0 is as
	// many as the target saves at once, [oauth.BatchSize], or 100 if it is no
	// [oauth.Batch]. More than [oauth.BatchSize] counts as that.
	BatchSize int

	// DryRun writes nothing: the Report says what would be done, as far as it can
	// be known. The stores of this module say what they would refuse, a value too long
	// for its column say, if they are given as they are and not within a wrapper. Not
	// known are the IDs that the target does not keep though they are free, and what
	// only a database can refuse.
	DryRun bool

	// Overwrite writes also over a token of the target that is newer than the
	// source's, or of which that cannot be told. Without it such a token is
	// refused with [oauth.ErrConflict].
	Overwrite bool

	// StopOnError ends the copy with the batch in which a token is refused.
	StopOnError bool

	// Total is how many tokens the source holds, for Progress; 0: not known.
	// Counting them here would cost a second reading of the source.
	Total int

	// Progress is told how far the copy is: after a batch, at most ten times a
	// second, and at the end. It runs on the goroutine that called Copy, which
	// waits for it. Nil: nobody is told.
	Progress func(Progress)

	// Now is the clock that spaces the calls of Progress; nil is time.Now.
	Now func() time.Time

	// Logger is told of every token that is refused or a duplicate, and of the
	// end. It is told no secret. Nil logs nothing.
	Logger *slog.Logger
}

// source is what Copy does with the store that it copies from: there is no way
// to write to it.
type source interface {
	Find(ctx context.Context, partial oauth.Token) (oauth.Token, error)
	Get(ctx context.Context, id string) (oauth.Token, error)
}

// Copy copies every token of from into to, and reports what it did.
//
// A token keeps its ID where the target can hold it and has not given it to
// another token; the Report lists those that got another one. A user of a client
// who has a token in the target keeps that one, which is updated. So is a token
// without a user name that the target has: it is known by its refresh token,
// else by its grant or access token.
//
// An update never takes away from the target a secret that could be the newer
// one. The source's is taken for newer if its access token expires later, or if
// it is another login (another refresh token) that was saved later; where that
// cannot be told, the token is refused with [oauth.ErrConflict]. Empty fields of
// the source leave the target's as they are. UpdatedAt and Version are the
// target's own. A token of another data centre or environment than the target
// has for the user is refused with [oauth.ErrMismatch] in any case.
//
// Of several rows of one user and client, which official SDKs left in the source,
// the one that Find means is copied and the others are listed. Tokens without a
// user name come last, in a second reading of the source; such a token is refused
// with [oauth.ErrAmbiguous] if another row there has one of its secrets.
//
// Up to four goroutines look tokens up in either store; one at a time writes. While
// a batch is written, the next one is read from the source.
//
// If tokens were refused the error is an [*IncompleteError]. Any other error
// stopped the copy: a store that cannot be reached, damage, the end of ctx. The
// Report then counts the batches that were finished before.
//
// Only one copy into a target should run at a time. Programs may go on using the
// target's tokens, which are saved by Version. None should connect users there
// until the copy has ended: a login that is not named yet could be given an ID
// that a token of the source brings, and be written over.
func Copy(ctx context.Context, from, to oauth.Store, cfg Config) (Report, error) {
	if from == nil || to == nil {
		return Report{}, errors.New("transfer: a source and a target are needed")
	}
	c := newCopier(from, to, cfg)
	err := c.run(ctx, from.List)
	if err != nil {
		next := "copy again to go on"
		if errors.Is(err, oauth.ErrCorrupt) {
			next = "mend that, and copy again"
		}
		if errors.Is(err, oauth.ErrSealed) {
			next = "give its keys, and copy again"
		}
		err = fmt.Errorf("transfer: stopped after %s: %w; %s", count(c.report.Read, "token"), err, next)
	} else if len(c.report.Refused) > 0 {
		err = &IncompleteError{Read: c.report.Read, Refused: c.report.Refused}
	}
	c.finish(ctx, err)
	return c.report, err
}
