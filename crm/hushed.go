package crm

import (
	"errors"
	"strings"

	"zohocrm/oauth"
)

// hushed is err, or another in its place if its words repeat the token: a caller's
// HTTP client may put the request into its errors.
func hushed(err error, sent oauth.Secret) error {
	if sent.IsZero() || !strings.Contains(err.Error(), sent.Reveal()) {
		return err
	}
	return errors.New("the HTTP client failed, and its words are not shown: they repeat the access token")
}
