package crm

import (
	"context"
	"fmt"
)

// UserName names the user as Zoho's SDKs do in their stores: the current
// user's email, a colon, and the organisation's zgid. If Zoho does not tell
// both, the name is "" and the error says what is missing; it is ErrNotFound
// then, or that of the call.
//
// Scopes ZohoCRM.users.READ and ZohoCRM.org.READ.
func UserName(ctx context.Context, c *Client) (string, error) {
	user, err := c.Users.Current(ctx)
	if err != nil {
		return "", fmt.Errorf("the user cannot be named: %w", err)
	}
	org, err := c.Org.Get(ctx)
	switch {
	case err != nil:
		return "", fmt.Errorf("the user cannot be named: %w", err)
	case user.Email == "":
		return "", fmt.Errorf("the user cannot be named: the CRM tells no email: %w", ErrNotFound)
	case org.ZGID == "":
		return "", fmt.Errorf("the user cannot be named: the CRM tells no zgid: %w", ErrNotFound)
	}
	return user.Email + ":" + org.ZGID, nil
}
