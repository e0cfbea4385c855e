package storetest

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// mark is in every secret that the kit stores, and in nothing else.
const mark = "hush"

// secret is a marked secret.
func secret(name string) oauth.Secret { return oauth.NewSecret("1000." + mark + "." + name) }

// guard searches every error of the store for the mark. It is safe for use by
// many goroutines, as testing.TB.Errorf is.
type guard struct {
	oauth.Store
	t testing.TB
}

// SaveAll is the store's own, if it has one.
func (g guard) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	g.t.Helper()
	err := oauth.SaveAll(ctx, g.Store, tokens)
	g.silent("SaveAll", err)
	return err
}

// Unwrap lets optional abilities be found.
func (g guard) Unwrap() oauth.Store { return g.Store }

func (g guard) silent(method string, err error) {
	g.t.Helper()
	if err == nil {
		return
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), mark) {
		g.t.Errorf("the error of %s tells a secret: %T", method, err)
	}
}

func (g guard) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	g.t.Helper()
	t, err := g.Store.Find(ctx, partial)
	g.silent("Find", err)
	return t, err
}

func (g guard) Get(ctx context.Context, id string) (oauth.Token, error) {
	g.t.Helper()
	t, err := g.Store.Get(ctx, id)
	g.silent("Get", err)
	return t, err
}

func (g guard) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	g.t.Helper()
	saved, err := g.Store.Save(ctx, t)
	g.silent("Save", err)
	return saved, err
}

func (g guard) Delete(ctx context.Context, id, version string) error {
	g.t.Helper()
	err := g.Store.Delete(ctx, id, version)
	g.silent("Delete", err)
	return err
}

func (g guard) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	rows := g.Store.List(ctx)
	return func(yield func(oauth.Token, error) bool) {
		for t, err := range rows {
			g.silent("List", err)
			if !yield(t, err) {
				return
			}
		}
	}
}

func (g guard) DeleteAll(ctx context.Context) error {
	g.t.Helper()
	err := g.Store.DeleteAll(ctx)
	g.silent("DeleteAll", err)
	return err
}
