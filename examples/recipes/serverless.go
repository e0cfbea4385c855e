package recipes

import (
	"context"
	"errors"

	"zohocrm"
)

// Function is what one instance of a serverless function keeps from call to call:
// connections, and no state. Config.Store is outside the process (PostgreSQL, Redis,
// a secret manager), and Config.HTTPClient is the instance's, so that New makes none.
type Function struct{ Config zohocrm.Config }

// Handle answers one event. The client lives as long as the event: the platform
// freezes the process when Handle returns, so nothing may go on after it. Close
// waits for a token that is being saved.
func (f *Function) Handle(ctx context.Context) (leads int64, err error) {
	client, err := zohocrm.New(ctx, f.Config)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	return client.CRM.Records.Count(ctx, "Leads", nil)
}
