package recipes

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"zohocrm"
	"zohocrm/oauth"
)

// ErrNotConnected: the tenant has not connected Zoho yet. Show the button.
var ErrNotConnected = errors.New("the tenant has not connected Zoho")

// Tenants knows which Zoho user each tenant of a service has connected.
type Tenants struct {
	zoho *zohocrm.Client // nobody's: it makes everybody's

	mu    sync.Mutex
	users map[string]string // Zoho user by tenant: in your service a column of the table of tenants
}

// NewTenants returns a Tenants. cfg.Token is the application, cfg.Store is shared
// by all processes of the service.
func NewTenants(cfg zohocrm.Config) (*Tenants, error) {
	zoho, err := zohocrm.NewWithoutUser(cfg)
	if err != nil {
		return nil, err
	}
	return &Tenants{zoho: zoho, users: make(map[string]string)}, nil
}

// Close waits for tokens that are being saved.
func (t *Tenants) Close() error { return t.zoho.Close() }

// Connect is what the OAuth callback does, for the tenant whose session it is.
func (t *Tenants) Connect(ctx context.Context, tenant string, login oauth.Login) error {
	client, err := t.zoho.Connect(ctx, login)
	if err != nil {
		return err
	}
	if client.User.UserName == "" {
		return errors.New("it is not known who signed in at Zoho: ask for the scopes ZohoCRM.users.READ and ZohoCRM.org.READ too")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.users[tenant] = client.User.UserName
	return nil
}

// Client is the tenant's, for one request or one job.
func (t *Tenants) Client(ctx context.Context, tenant string) (*zohocrm.Client, error) {
	t.mu.Lock()
	user := t.users[tenant]
	t.mu.Unlock()
	if user == "" {
		return nil, fmt.Errorf("%w: %q", ErrNotConnected, tenant)
	}
	return t.zoho.As(ctx, oauth.Token{UserName: user})
}

// Disconnect revokes the tenant's consent at Zoho and deletes its tokens.
func (t *Tenants) Disconnect(ctx context.Context, tenant string) error {
	client, err := t.Client(ctx, tenant)
	if err != nil {
		return err
	}
	if err := t.zoho.Tokens.Revoke(ctx, client.User); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.users, tenant)
	return nil
}
