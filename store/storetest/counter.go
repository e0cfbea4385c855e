package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"zohocrm/oauth"
)

// increment adds one to the number in a row's redirect_url, by Version. No
// number is 0.
func increment(ctx context.Context, s oauth.Store, id string) error {
	for {
		row, err := s.Get(ctx, id)
		if err != nil {
			return fmt.Errorf("Get: %w", err)
		}
		n, err := strconv.Atoi(row.RedirectURL)
		if err != nil && row.RedirectURL != "" {
			return fmt.Errorf("the counter is not a number: %w", err)
		}
		_, err = s.Save(ctx, oauth.Token{ID: id, Version: row.Version, RedirectURL: strconv.Itoa(n + 1)})
		if !errors.Is(err, oauth.ErrConflict) {
			return err
		}
	}
}
