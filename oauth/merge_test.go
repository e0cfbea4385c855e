package oauth_test

import (
	"testing"
	"time"

	"zohocrm/oauth"
)

func TestMerge(t *testing.T) {
	s := oauth.NewSecret
	day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	base := oauth.Token{
		ID: "1", Version: "v", UserName: "u", ClientID: "c", ClientSecret: s("cs"), RefreshToken: s("r"), AccessToken: s("a"), Expiry: day,
		GrantToken: s("g"), RedirectURL: "red", APIDomain: "api", Scope: "x", AccountsURL: "acc", CreatedAt: day, UpdatedAt: day, LastUsedAt: day,
	}
	edit := func(f func(*oauth.Token)) oauth.Token { t := base; f(&t); return t }
	for _, c := range []struct {
		name string
		over oauth.Token
		want oauth.Token
	}{
		{"nothing", oauth.Token{}, base},
		{"itself", base, base},
		{"a new access token brings its expiry", oauth.Token{AccessToken: s("b"), Expiry: day.Add(time.Hour)},
			edit(func(t *oauth.Token) { t.AccessToken, t.Expiry = s("b"), day.Add(time.Hour) })},
		{"also an empty one", oauth.Token{AccessToken: s("b")}, edit(func(t *oauth.Token) { t.AccessToken, t.Expiry = s("b"), time.Time{} })},
		{"the same access token keeps it", oauth.Token{AccessToken: s("a")}, base},
		{"an expiry alone says nothing", oauth.Token{Expiry: day.Add(time.Hour)}, base},
		{"a new refresh token clears the access token and the side data", oauth.Token{RefreshToken: s("r2")}, edit(func(t *oauth.Token) {
			t.RefreshToken, t.AccessToken, t.Expiry = s("r2"), oauth.Secret{}, time.Time{}
			t.Scope, t.AccountsURL, t.CreatedAt, t.UpdatedAt, t.LastUsedAt = "", "", time.Time{}, time.Time{}, time.Time{}
		})},
		{"the ID is the row's", oauth.Token{ID: "9", Version: "w", UserName: "n"}, edit(func(t *oauth.Token) { t.UserName = "n" })},
		{"last used moves by hours", oauth.Token{LastUsedAt: day.Add(59 * time.Minute)}, base},
		{"last used moves", oauth.Token{LastUsedAt: day.Add(time.Hour)}, edit(func(t *oauth.Token) { t.LastUsedAt = day.Add(time.Hour) })},
		{"created stays", oauth.Token{CreatedAt: day.Add(time.Hour)}, base},
	} {
		if got := oauth.Merge(c.over, base); got != c.want {
			t.Errorf("%s:\n got %#v %v\nwant %#v %v", c.name, got, got.CreatedAt, c.want, c.want.CreatedAt)
		}
	}
	if got := oauth.Merge(base, oauth.Token{}); got != base {
		t.Errorf("over nothing: %v", got)
	}
}
