package rediskv

import (
	"errors"
	"fmt"
	"testing"

	"zohocrm/oauth"
)

// FindMany answers as Find does, each in its place, beyond one thousand too.
func TestFindMany(t *testing.T) {
	s := open(t)
	for i := range 5 {
		save(t, s, user(fmt.Sprint("user", i)))
	}
	damaged := save(t, s, user("damaged"))
	s.client.HSet(t.Context(), s.keys.row+damaged.ID, "expiry_time", "hush")
	var partials []oauth.Token
	for i := range 1003 {
		partials = append(partials,
			[]oauth.Token{{UserName: fmt.Sprint("user", i%5)}, {ID: "2"}, {ID: "2", UserName: "user3"}, {}, {UserName: "nobody", RefreshToken: secret("ruser4")},
				{UserName: "damaged"}, {AccessToken: secret("auser1"), ClientID: "another"}, {ID: "99"}}[i%8])
	}
	rows, errs := s.FindMany(t.Context(), partials)
	for i, partial := range partials {
		want, err := s.Find(t.Context(), partial)
		if rows[i] != want || fmt.Sprint(errs[i]) != fmt.Sprint(err) {
			t.Fatalf("%d, %v: %v, %v; Find gives %v, %v", i, partial, rows[i], errs[i], want, err)
		}
	}
	if !errors.Is(errs[3], oauth.ErrIncompleteKey) || !errors.Is(errs[5], oauth.ErrCorrupt) {
		t.Errorf("%v, %v", errs[3], errs[5])
	}
}
