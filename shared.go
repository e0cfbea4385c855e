package zohocrm

import (
	"context"
	"fmt"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// shared is what the clients of several users have in common.
type shared struct {
	keeper   *oauth.Keeper
	accounts *oauth.Accounts
	crm      crm.Config  // without a Source; its HTTP client is everybody's
	app      oauth.Token // ClientID, ClientSecret and RedirectURL of Config.Token
	limits   *organisations
	// ownHTTP: the HTTP client is not the caller's.
	ownHTTP bool
}

func newShared(cfg Config) (*shared, error) {
	directory := dc.Zoho()
	if cfg.DataCenter.IsZero() {
		cfg.DataCenter, _ = directory.ByLocation("us")
	} else if known, _ := directory.ByAccountsURL(cfg.DataCenter.AccountsURL); known != cfg.DataCenter {
		directory = directory.With(cfg.DataCenter)
	}
	ownHTTP := cfg.HTTPClient == nil
	if ownHTTP {
		cfg.HTTPClient = httpClient()
	}
	s := &shared{
		ownHTTP: ownHTTP, limits: &organisations{told: cfg.Limiter},
		app: oauth.Token{ClientID: cfg.Token.ClientID, ClientSecret: cfg.Token.ClientSecret, RedirectURL: cfg.Token.RedirectURL},
		accounts: oauth.NewAccounts(oauth.AccountsConfig{
			HTTPClient: cfg.HTTPClient, Directory: directory, Now: cfg.Now, Logger: cfg.Logger,
		}),
		crm: crm.Config{
			HTTPClient: cfg.HTTPClient, Directory: directory, Logger: cfg.Logger, Now: cfg.Now,
			APIURL: cfg.DataCenter.APIURL(cfg.Environment),
		},
	}
	if cfg.Store == nil {
		file, err := csvfile.New(csvfile.Config{Logger: cfg.Logger, Now: cfg.Now})
		if err != nil {
			return nil, fmt.Errorf("zohocrm: %w", err)
		}
		cfg.Store = file // holds nothing open between calls
	}
	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{
		Store: cfg.Store, DataCenter: cfg.DataCenter, Environment: cfg.Environment, Logger: cfg.Logger,
		Accounts: s.accounts, NameUser: s.nameUser(cfg.NameUser), OnChange: cfg.OnChange,
	})
	if err != nil {
		return nil, err
	}
	s.keeper = keeper
	return s, nil
}

// withApplication says which application's user is meant, where that was left
// out. The redirect URL goes with the client ID: a code has to come with that, or
// with none, which it was made for.
func (s *shared) withApplication(t oauth.Token) oauth.Token {
	if t.ClientID == "" {
		t.ClientID, t.RedirectURL = s.app.ClientID, s.app.RedirectURL
	}
	if t.ClientID == s.app.ClientID && t.ClientSecret.IsZero() {
		t.ClientSecret = s.app.ClientSecret
	}
	return t
}

// client finds or connects the user that partial means.
func (s *shared) client(ctx context.Context, partial oauth.Token) (*Client, error) {
	t, err := s.keeper.Token(ctx, partial)
	if err != nil {
		return nil, fmt.Errorf("zohocrm: %w", err)
	}
	return s.of(t, partial)
}

// of makes the client of the user whose token t is, whom partial meant.
func (s *shared) of(t, partial oauth.Token) (*Client, error) {
	bound := partial
	if t.ID != "" {
		// From here on the row is meant, whatever it was found or connected by,
		// and only as long as it is this user's.
		bound = oauth.Token{ID: t.ID, UserName: t.UserName, ClientID: t.ClientID, ClientSecret: partial.ClientSecret}
		if partial.AccessToken == t.AccessToken {
			bound.AccessToken, bound.Expiry = partial.AccessToken, partial.Expiry
		}
	}
	return s.over(s.keeper.Source(bound), t)
}

// over makes the client that calls with a source's tokens.
func (s *shared) over(source oauth.Source, user oauth.Token) (*Client, error) {
	cfg := s.crm
	cfg.Source, cfg.Limiter = source, s.limits.limiter(user)
	api, err := crm.New(cfg)
	if err != nil {
		return nil, err
	}
	return &Client{CRM: api, Tokens: s.keeper, Accounts: s.accounts, User: user, shared: s}, nil
}

// nameUser asks Zoho with the token itself, unless the caller names users.
func (s *shared) nameUser(own func(context.Context, oauth.Token) (string, error)) func(context.Context, oauth.Token) (string, error) {
	if own != nil {
		return own
	}
	return func(ctx context.Context, t oauth.Token) (string, error) {
		cfg := s.crm
		cfg.Source = oauth.StaticSource(t)
		api, err := crm.New(cfg)
		if err != nil {
			return "", err
		}
		return crm.UserName(ctx, api)
	}
}
