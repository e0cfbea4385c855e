package sqlstore

import (
	"context"

	"zohocrm/oauth"
)

// Probe implements [oauth.Prober]: it does what a Save of a new token does, in
// both tables, and rolls it back.
func (s *Store) Probe(ctx context.Context) error {
	return s.write(ctx, "probe", func(w *writer) error {
		w.discard = true
		_, err := w.save(oauth.Token{UserName: "zcrm probe", AccessToken: oauth.NewSecret("zcrm probe")})
		return err
	})
}
