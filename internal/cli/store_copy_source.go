package cli

import (
	"context"
	"iter"

	"zohocrm/oauth"
)

// endingSource is a store whose list ends, with an error, when a context does: so
// a copy ends between two batches and not in the middle of one.
type endingSource struct {
	oauth.Store
	end context.Context
}

// manyFinder is what package transfer looks for in a store, to ask it less often.
type manyFinder interface {
	FindMany(ctx context.Context, partials []oauth.Token) ([]oauth.Token, []error)
}

// ending makes an endingSource that can do what the store can.
func ending(s oauth.Store, end context.Context) oauth.Store {
	source := endingSource{s, end}
	if many, ok := s.(manyFinder); ok {
		return struct {
			endingSource
			manyFinder
		}{source, many}
	}
	return source
}

// List implements [oauth.Store].
func (s endingSource) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		for t, err := range s.Store.List(ctx) {
			if err == nil && s.end.Err() != nil {
				t, err = oauth.Token{}, s.end.Err()
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}
