package storetest

import (
	"context"
	"iter"
	"slices"
	"testing"

	"zohocrm/oauth"
)

// lists is a wrapper whose List does something else.
func lists(name string, list func(ctx context.Context, s oauth.Store, yield func(oauth.Token, error) bool), fails ...string) fault {
	return wrapped(name, func(_ testing.TB, a *altered) {
		a.list = func(ctx context.Context) iter.Seq2[oauth.Token, error] {
			return func(yield func(oauth.Token, error) bool) { list(ctx, a.Store, yield) }
		}
	}, fails...)
}

// faultsOfList are wrong loops, contexts and goroutines.
func faultsOfList() []fault {
	return []fault{
		lists("lists the header", func(ctx context.Context, s oauth.Store, yield func(oauth.Token, error) bool) {
			if yield(oauth.Token{ID: "id", UserName: "user_name"}, nil) {
				s.List(ctx)(yield)
			}
		}, "ListEmpty", "DeleteAll", "LikeModel"),
		wrapped("lists in another order each time", func(_ testing.TB, a *altered) {
			backwards := false
			a.list = func(ctx context.Context) iter.Seq2[oauth.Token, error] {
				return func(yield func(oauth.Token, error) bool) {
					all, err := oauth.All(ctx, a.Store)
					if backwards = !backwards; backwards {
						slices.Reverse(all)
					}
					for _, t := range all {
						if !yield(t, nil) {
							return
						}
					}
					if err != nil {
						yield(oauth.Token{}, err)
					}
				}
			}
		}, "ListStable"),
		wrapped("lists what was saved last at the end", func(_ testing.TB, a *altered) {
			saves, last := 0, map[string]int{}
			a.save = func(ctx context.Context, t oauth.Token) (oauth.Token, error) {
				saved, err := a.Store.Save(ctx, t)
				saves++
				last[saved.ID] = saves
				return saved, err
			}
			a.list = func(ctx context.Context) iter.Seq2[oauth.Token, error] {
				return func(yield func(oauth.Token, error) bool) {
					all, err := oauth.All(ctx, a.Store)
					slices.SortStableFunc(all, func(a, b oauth.Token) int { return last[a.ID] - last[b.ID] })
					for _, t := range all {
						if !yield(t, nil) {
							return
						}
					}
					if err != nil {
						yield(oauth.Token{}, err)
					}
				}
			}
		}, "ListStable"),
		wrapped("lists once", func(_ testing.TB, a *altered) {
			a.list = func(ctx context.Context) iter.Seq2[oauth.Token, error] {
				walked := false
				return func(yield func(oauth.Token, error) bool) {
					if !walked {
						walked = true
						a.Store.List(ctx)(yield)
					}
				}
			}
		}, "ListStopped"),
		lists("does not stop", func(ctx context.Context, s oauth.Store, yield func(oauth.Token, error) bool) {
			for t, err := range s.List(ctx) {
				yield(t, err)
			}
		}, "ListStopped"),
		lists("lists to the end whatever the context says", func(ctx context.Context, s oauth.Store, yield func(oauth.Token, error) bool) {
			s.List(context.WithoutCancel(ctx))(yield)
		}, "ListCancelled", "ContextEnded"),
		lists("goes on after an error", func(ctx context.Context, s oauth.Store, yield func(oauth.Token, error) bool) {
			for t, err := range s.List(ctx) {
				if !yield(t, err) {
					return
				}
				if err != nil {
					yield(t, err)
				}
			}
		}, "ListCancelled", "Corrupt"),
		wrapped("holds a lock while it yields", func(t testing.TB, a *altered) {
			// The lock is let go at the end of the test, so that nobody is left hanging.
			lock, ended := make(chan struct{}, 1), make(chan struct{})
			t.Cleanup(func() { close(ended) })
			hold := func() {
				select {
				case lock <- struct{}{}:
				case <-ended:
				}
			}
			release := func() {
				select {
				case <-lock:
				default:
				}
			}
			a.list = func(ctx context.Context) iter.Seq2[oauth.Token, error] {
				return func(yield func(oauth.Token, error) bool) {
					hold()
					defer release()
					a.Store.List(ctx)(yield)
				}
			}
			a.save = func(ctx context.Context, t oauth.Token) (oauth.Token, error) {
				hold()
				defer release()
				return a.Store.Save(ctx, t)
			}
		}, "ListCallsInside"),
		wrapped("works although the context has ended", func(_ testing.TB, a *altered) {
			a.save = func(ctx context.Context, t oauth.Token) (oauth.Token, error) {
				return a.Store.Save(context.WithoutCancel(ctx), t)
			}
		}, "ContextEnded"),
		wrapped("works and then says that the context has ended", func(_ testing.TB, a *altered) {
			a.delete = func(ctx context.Context, id, version string) error {
				if err := a.Store.Delete(context.WithoutCancel(ctx), id, version); err != nil {
					return err
				}
				return ctx.Err()
			}
		}, "ContextEnded"),
		wrapped("leaves a goroutine behind each loop", func(t testing.TB, a *altered) {
			ended := make(chan struct{})
			t.Cleanup(func() { close(ended) })
			a.list = func(ctx context.Context) iter.Seq2[oauth.Token, error] {
				return func(yield func(oauth.Token, error) bool) {
					go func() { <-ended }()
					a.Store.List(ctx)(yield)
				}
			}
		}, "NoGoroutineLeft"),
	}
}
