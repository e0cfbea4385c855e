package zohocrm

import (
	"context"
	"fmt"

	"zohocrm/oauth"
)

// NewWithoutUser returns a client that is nobody's yet, for a program that serves
// many users and starts before the first of them has connected: a web
// application, a service. cfg.Token names the application. [Client.Connect] makes
// a client of a login, [Client.As] one of a user whom the store knows; CRM calls
// of the client without a user are [oauth.ErrIncompleteKey]. Nothing is read and
// nothing is sent.
func NewWithoutUser(cfg Config) (*Client, error) {
	s, err := newShared(cfg)
	if err != nil {
		return nil, err
	}
	return s.over(nobody{}, oauth.Token{})
}

// Connect logs a user in and returns a client for who that is: see
// [oauth.Keeper].Connect, which says what the errors mean. login.Token brings the
// authorization code, and AccountsURL from the redirect ([oauth.ParseCallback]);
// the application is that of Config.Token unless login.Token names one.
// login.Verifier is the PKCE verifier that the consent page was asked with.
func (c *Client) Connect(ctx context.Context, login oauth.Login) (*Client, error) {
	login.Token = c.shared.withApplication(login.Token)
	t, err := c.Tokens.Connect(ctx, login)
	if err != nil {
		return nil, fmt.Errorf("zohocrm: %w", err)
	}
	return c.shared.of(t, login.Token)
}

// nobody is the source of a client without a user.
type nobody struct{}

func (nobody) Token(context.Context) (*oauth.Token, error) {
	return nil, fmt.Errorf("%w: this client has no user: make one with Client.As or Client.Connect", oauth.ErrIncompleteKey)
}

func (n nobody) Fresh(ctx context.Context, _ oauth.Secret) (*oauth.Token, error) { return n.Token(ctx) }
