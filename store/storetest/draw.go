package storetest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"zohocrm/oauth"
)

// token draws from few values, so that rows meet and contradict each other.
func (m *machine) token(t *rapid.T) oauth.Token {
	pick := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
	hidden := func(name string, values ...string) oauth.Secret {
		if v := pick(name, values...); v != "" {
			return secret(fmt.Sprint(m.run, name, v))
		}
		return oauth.Secret{}
	}
	moment := func(name string, values ...time.Duration) time.Time {
		if d := rapid.SampledFrom(values).Draw(t, name); d != 0 {
			return noon().Add(d)
		}
		return time.Time{}
	}
	token := oauth.Token{
		ID:           m.someID(t),
		UserName:     pick("user", "", "ann", "Ann", "bob"),
		ClientID:     pick("client", "", client, client, otherClient),
		ClientSecret: hidden("client secret", "", "1"),
		RedirectURL:  pick("redirect", "", "https://one.example.com", "https://two.example.com"),
		GrantToken:   hidden("grant", "", "", "1", "2"),
		RefreshToken: hidden("refresh", "", "1", "2", "3"),
		AccessToken:  hidden("access", "", "1", "2", "3"),
		Expiry:       moment("expiry", 0, time.Hour, 2*time.Hour),
		APIDomain:    pick("domain", "", "", domainUS, domainUS, domainEU),
		Scope:        pick("scope", "", "", "ZohoCRM.org.READ"),
		LastUsedAt:   moment("last used", 0, 0, time.Hour, 90*time.Minute, 2*time.Hour),
		Version:      pick("version", "", "", "", "", "", m.versions[len(m.versions)-1], m.versions[len(m.versions)/2]),
	}
	if rapid.IntRange(0, 19).Draw(t, "no key") == 0 {
		token.ID, token.UserName = "", ""
		token.GrantToken, token.RefreshToken, token.AccessToken = oauth.Secret{}, oauth.Secret{}, oauth.Secret{}
	}
	return token
}

// knownIDs are those of rows, and two that no row has at first.
func (m *machine) knownIDs() []string {
	ids := []string{"700000001", "700000002"}
	for _, row := range m.model.rows {
		ids = append(ids, row.ID)
	}
	return ids
}

// someID is none, mostly.
func (m *machine) someID(t *rapid.T) string {
	if rapid.IntRange(0, 4).Draw(t, "with an id") > 0 {
		return ""
	}
	return m.id(t)
}

func (m *machine) id(t *rapid.T) string { return rapid.SampledFrom(m.knownIDs()).Draw(t, "id") }

// row draws one of the rows that suit; the action is skipped if none does.
func (m *machine) row(t *rapid.T, suits func(row oauth.Token) bool) oauth.Token {
	var rows []oauth.Token
	for _, row := range m.model.rows {
		if suits(row) {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		t.Skip("no such row")
	}
	return rapid.SampledFrom(rows).Draw(t, "row")
}
