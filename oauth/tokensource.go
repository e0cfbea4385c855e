package oauth

import (
	"context"
	"time"

	"golang.org/x/oauth2"
)

// HeaderScheme is the word before the access token in Zoho's Authorization
// header (Zoho: CRM v8, making API calls).
const HeaderScheme = "Zoho-oauthtoken"

// TokenSource makes a Source usable wherever golang.org/x/oauth2 is known. ctx
// bounds every call, since that interface has none of its own. The refresh token
// is not handed on: the Keeper alone renews. Clients of that package keep what
// they get until it expires, so they are told an expiry of half a minute: a
// logout or a renewal elsewhere reaches them soon, and asking again is cheap.
func TokenSource(ctx context.Context, s Source) oauth2.TokenSource {
	return tokenSource{ctx, s}
}

type tokenSource struct {
	ctx context.Context
	s   Source
}

func (t tokenSource) Token() (*oauth2.Token, error) {
	token, err := t.s.Token(t.ctx)
	if err != nil {
		return nil, err
	}
	// That package counts a token as expired ten seconds early.
	return &oauth2.Token{AccessToken: token.AccessToken.Reveal(), TokenType: HeaderScheme, Expiry: time.Now().Add(40 * time.Second)}, nil
}
