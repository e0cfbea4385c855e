package oauth

import (
	"context"

	"golang.org/x/oauth2"
)

// HeaderScheme is the word before the access token in Zoho's Authorization
// header (Zoho: CRM v8, making API calls).
const HeaderScheme = "Zoho-oauthtoken"

// TokenSource makes a Source usable wherever golang.org/x/oauth2 is known. ctx
// bounds every call, since that interface has none of its own. The refresh token
// is not handed on: the Keeper alone renews.
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
	return &oauth2.Token{AccessToken: token.AccessToken.Reveal(), TokenType: HeaderScheme, Expiry: token.Expiry}, nil
}
