package storetest

import (
	"time"

	"zohocrm/oauth"
)

// The values most checks use. Tokens of different names differ in every secret
// that belongs to a user.
const (
	client      = "1000.CLIENT"
	otherClient = "1000.OTHER"
	domainUS    = "https://www.zohoapis.com"
	domainEU    = "https://www.zohoapis.eu"
)

// unknownID is an ID that no store gives by itself.
const unknownID = "700000077"

// noon is an expiry with milliseconds.
func noon() time.Time { return time.Date(2031, time.March, 4, 12, 0, 0, 123e6, time.UTC) }

// filled is a token with all columns but the ID.
func filled(name string) oauth.Token {
	t := nameless(name)
	t.UserName = name
	return t
}

// nameless is filled without the user name: a login before its user is known.
func nameless(name string) oauth.Token {
	return oauth.Token{
		ClientID: client, ClientSecret: secret("client"), RedirectURL: "https://example.com/callback",
		GrantToken: secret("grant." + name), RefreshToken: secret("refresh." + name),
		AccessToken: secret("access." + name), Expiry: noon(), APIDomain: domainUS,
	}
}

// minimal is the least that makes a user's token.
func minimal(name string) oauth.Token {
	return oauth.Token{UserName: name, RefreshToken: secret("refresh." + name)}
}

// stored is the row that stands after t was laid over nothing: t with what the
// store gave it.
func stored(t, saved oauth.Token) oauth.Token {
	t.ID, t.Version = saved.ID, saved.Version
	return t
}
