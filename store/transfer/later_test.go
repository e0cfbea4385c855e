package transfer_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync/atomic"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/transfer"
)

// forgetful is a store that finds many at once and loses one user's token.
type forgetful struct {
	*many
	loses string
}

func (f forgetful) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	kept := slices.DeleteFunc(slices.Collect(tokens), func(t oauth.Token) bool { return t.UserName == f.loses })
	return f.many.SaveAll(ctx, slices.Values(kept))
}

// TestReadBackWhileTheNextIsSaved: what is wrong with a batch is told although the
// next one was saved meanwhile, whichever batch it is.
func TestReadBackWhileTheNextIsSaved(t *testing.T) {
	for _, loses := range []string{"user1", "user15", "user49"} {
		store := filled(t)
		target := forgetful{&many{Store: store, Batch: store}, loses}
		var read []int
		report, err := transfer.Copy(t.Context(), filled(t, users(1, 50)...), target, transfer.Config{
			BatchSize: 10, Progress: func(p transfer.Progress) { read = append(read, p.Read) },
		})
		sums(t, report)
		counts(t, report, 48, 0, 0)
		var incomplete *transfer.IncompleteError
		if !errors.As(err, &incomplete) || len(report.Refused) != 1 || report.Refused[0].UserName != loses {
			t.Errorf("%s: %v, refused %v", loses, err, report.Refused)
		}
		if !slices.IsSorted(read) || read[len(read)-1] != 49 {
			t.Errorf("%s: progress %v", loses, read)
		}
	}
}

// TestStopsAtTheFirstRefusal: nothing is saved behind the batch with a refusal, when
// that is asked for.
func TestStopsAtTheFirstRefusal(t *testing.T) {
	store := filled(t)
	target := forgetful{&many{Store: store, Batch: store}, "user5"}
	report, err := transfer.Copy(t.Context(), filled(t, users(1, 50)...), target, transfer.Config{BatchSize: 10, StopOnError: true})
	all, listed := oauth.All(t.Context(), store)
	if err == nil || listed != nil || report.Read != 10 || len(all) != 9 {
		t.Errorf("%v, read %d, saved %d, %v; want 10 and 9", err, report.Read, len(all), listed)
	}
}

// TestReadingBackFails: the copy ends with the error, and counts what was read back.
func TestReadingBackFails(t *testing.T) {
	var asked atomic.Int32
	down := errors.New("the network is down")
	store := filled(t)
	broken := &breaking{many: &many{Store: store, Batch: store}, err: down, after: 10, asked: &asked}
	report, err := transfer.Copy(t.Context(), filled(t, users(1, 50)...), broken, transfer.Config{BatchSize: 10})
	if !errors.Is(err, down) || report.Read != 10 || report.Inserted != 10 {
		t.Errorf("%v; %v, want the error after 10", err, report)
	}
}

// breaking finds so many tokens, and none after that.
type breaking struct {
	*many
	err   error
	after int32
	asked *atomic.Int32
}

func (b *breaking) FindMany(ctx context.Context, partials []oauth.Token) ([]oauth.Token, []error) {
	rows, errs := b.many.FindMany(ctx, partials)
	for i := range errs {
		if b.asked.Add(1) > b.after {
			rows[i], errs[i] = oauth.Token{}, b.err
		}
	}
	return rows, errs
}

func (b *breaking) Get(ctx context.Context, id string) (oauth.Token, error) {
	if b.asked.Load() > b.after {
		return oauth.Token{}, b.err
	}
	return b.many.Get(ctx, id)
}

func (b *breaking) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	if b.asked.Load() > b.after {
		return oauth.Token{}, b.err
	}
	return b.many.Find(ctx, partial)
}
