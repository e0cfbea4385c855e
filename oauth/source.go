package oauth

import "context"

// Source hands out the valid access token of one user. A [Keeper] makes them;
// package crm takes them. Both methods are safe for concurrent use.
//
// The token they return is shared: read it, never change it.
type Source interface {
	// Token returns a token that is good for a call.
	Token(ctx context.Context) (*Token, error)

	// Fresh returns any valid token but the one with this access token, which
	// Zoho has just refused. If somebody refreshed meanwhile, that is the answer;
	// only if the refused token is still the stored one is a new one asked for.
	Fresh(ctx context.Context, rejected Secret) (*Token, error)
}

// StaticSource is a Source for one token that nobody keeps: a token from
// elsewhere, or a test. It cannot be renewed.
func StaticSource(t Token) Source { return staticSource{&t} }

type staticSource struct{ token *Token }

func (s staticSource) Token(context.Context) (*Token, error) { return s.token, nil }

func (s staticSource) Fresh(context.Context, Secret) (*Token, error) {
	return nil, ErrReauthRequired
}
