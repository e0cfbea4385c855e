package check_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/check"
)

// streamed is a store that makes each token when it is listed, and keeps none, as
// one in a database does.
type streamed struct {
	oauth.Store
	tokens int
	token  func(i int) oauth.Token
}

func (s streamed) List(context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		for i := range s.tokens {
			if i%10_000 == 0 {
				runtime.GC() // what was read before is gone, and its memory is used again
			}
			if !yield(s.token(i), nil) {
				return
			}
		}
	}
}

// In a store that keeps no token in memory, tokens that differ are told apart,
// and those that do not are found, however far from each other they stand.
func TestManyTokensAreToldApart(t *testing.T) {
	const tokens = 100_000
	different := func(i int) oauth.Token {
		o := healthy(fmt.Sprintf("user%d", i))
		o.ID = fmt.Sprint(i + 1)
		return o
	}
	but2 := func(i int) oauth.Token {
		o := different(i)
		switch i {
		case tokens - 2:
			o.RefreshToken = different(0).RefreshToken
		case tokens - 1:
			o.UserName = different(1).UserName
		}
		return o
	}
	r := examined(t, streamed{inMemory(t), tokens, but2}, check.Config{})
	if len(r.Findings) != 2 || r.Tokens != tokens {
		t.Errorf("%+v", r)
	}
	for code, want := range map[string]string{
		"shared-token":   fmt.Sprintf(`user's: "user%d" (id %d: beside id 1)`, tokens-2, tokens-1),
		"duplicate-user": fmt.Sprintf(`used: "user1" (id %d: beside id 2)`, tokens),
	} {
		if f := find(t, r, code); !strings.HasSuffix(f.Text, want) {
			t.Errorf("want it to end in %s alone: %s", want, f.Text)
		}
	}
}

// What separates a name from a client is no part of either.
func TestNamesAndClientsAreToldApart(t *testing.T) {
	a, b := healthy("a"), healthy("a\x00b")
	a.ClientID, b.ClientID, a.ID, b.ID = "b\x00c", "c", "1", "2"
	both := func(i int) oauth.Token { return []oauth.Token{a, b}[i] }
	if r := examined(t, streamed{inMemory(t), 2, both}, check.Config{Alone: true}); len(r.Findings) > 0 {
		t.Errorf("%+v", r.Findings)
	}
}
