package sealed

import (
	"errors"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/sealed/keys"
)

// FuzzOpen reads rows whose cells are any texts: none is opened but the one that
// was sealed, and none makes it panic or tell a cell.
func FuzzOpen(f *testing.F) {
	set, err := keys.Temporary()
	if err != nil {
		f.Fatal(err)
	}
	s, err := New(memory.New(memory.Config{}), Config{Keys: set})
	if err != nil {
		f.Fatal(err)
	}
	ring := set.Ring()
	good, err := s.seal(ring.Primary(), oauth.Token{
		UserName: "alice", ClientSecret: oauth.NewSecret("secret"), RefreshToken: oauth.NewSecret("refresh"),
		AccessToken: oauth.NewSecret("access"), GrantToken: oauth.NewSecret("grant"),
	}, nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{
		"", "plain", prefix, prefix + "A", prefix + "AAAA", prefix + "AQAAAAA", prefix + "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		prefix + "====", prefix + "A\nA", prefix + prefix, strings.ToUpper(prefix), prefix + strings.Repeat("_", 340), "sealed2.AAAA",
	} {
		for column := range uint8(4) {
			f.Add(text, column, "https://www.zohoapis.com#0123456789")
		}
	}
	f.Fuzz(func(t *testing.T, text string, column uint8, domain string) {
		row := good
		cells := append([]cell{{columnSecret, &row.ClientSecret}}, sliceOf(&row)...)
		c := cells[int(column)%len(cells)]
		was := *c.cell
		*c.cell = oauth.NewSecret(text)
		row.APIDomain = domain
		r, err := s.open(ring, row)
		switch {
		case *c.cell == was:
			if err != nil {
				t.Errorf("the sealed row is not read: %v", err)
			}
		case err == nil:
			t.Errorf("%s is read as it is: %q", c.column, text)
		case !errors.Is(err, oauth.ErrCorrupt):
			t.Errorf("%s: %v", c.column, err)
		}
		if len(text) > 20 && err != nil && strings.Contains(err.Error(), text) {
			t.Error("the error tells the cell")
		}
		if err == nil && domain != r.plain.APIDomain && r.plain.APIDomain+domain[len(domain)-11:] != domain {
			t.Errorf("the API domain %q is read as %q", domain, r.plain.APIDomain)
		}
		// A row that is that text alone is plain, or is not read.
		if r, err := s.open(ring, oauth.Token{ID: "7", RefreshToken: oauth.NewSecret(text)}); err == nil && (r.sealed || r.plain.RefreshToken != oauth.NewSecret(text)) {
			t.Errorf("%q alone is read as something else", text)
		}
	})
}
