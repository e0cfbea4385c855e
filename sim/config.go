package sim

import (
	"log/slog"
	"time"
)

// Config says what to simulate. Its zero value is ready to use.
type Config struct {
	// Now is the base clock. The simulator's clock is Now plus what
	// [Server.Advance] added. nil: time.Now.
	Now func() time.Time
	// TokenLife is the life of access tokens. 0: one hour, as at Zoho.
	TokenLife time.Duration
	// Limits are the limits to apply. nil: ZohoLimits().
	Limits *Limits
	// Clients are the registered clients. nil: one with the ID "1000.SIM" and
	// the secret "sim", known in all data centres, with any redirect URL.
	Clients []Client
	// Users are the people who can consent. nil: alice@example.com,
	// bob@example.com and carol@example.com in "us" and erik@example.eu in
	// "eu", each in an organisation of their own.
	Users []User
	// Logger gets one Debug line for each request, without query or body: no secret
	// reaches it. nil: nothing is logged.
	Logger *slog.Logger
	// Records is the number of made-up Leads that each organisation starts
	// with; Contacts, Accounts and Deals get at most five each. The records are
	// the same at each start. 0: 25. Negative: none.
	Records int
	// BulkTime is how long a bulk job takes, by the simulator's clock: a third
	// of it each as ADDED, QUEUED and IN PROGRESS. 0: three seconds. Negative:
	// it is done at once.
	BulkTime time.Duration
}

// Client is an application registered in the API console.
type Client struct {
	ID     string
	Secret string
	// Secrets replaces Secret at the data centres it names, for a client that
	// was not registered with the same credentials everywhere. nil: Secret
	// counts at all of them.
	Secrets map[string]string
	// RedirectURLs are the URLs that may be redirected to, compared exactly.
	// nil: any http URL on a loopback host, and any https URL.
	RedirectURLs []string
	// Locations are the data centres where the client is known ("us", "eu").
	// nil: all.
	Locations []string
}

// User is a person with a Zoho account.
type User struct {
	// Email names the user. Where the simulator asks for a user, the part
	// before the @ is enough if it fits one user only.
	Email     string
	FirstName string // "": the part of Email before the @, capitalised
	LastName  string // "": "Example"
	ZUID      string // the account's number; "": made from the user's place in Config.Users
	// ZGID is the organisation's number. Users with the same ZGID share an
	// organisation and see the same records. "": an organisation of their own.
	ZGID string
	// Location is the data centre where the user's data lives. "": "us". All
	// users of one organisation must have the same.
	Location string
	// Edition is the organisation's edition, which decides its API limits:
	// Free, Standard, Professional, Enterprise or Ultimate. "": Enterprise.
	// The first user of an organisation decides.
	Edition string
	// Environment is where the organisation lives: "" in production, "sandbox"
	// or "developer" on the API host of that name, which is a path prefix here.
	// All users of one organisation must have the same.
	Environment string
}

func (c Config) now() func() time.Time {
	if c.Now == nil {
		return time.Now
	}
	return c.Now
}

func (c Config) tokenLife() time.Duration {
	if c.TokenLife <= 0 {
		return time.Hour
	}
	return c.TokenLife
}

func (c Config) limits() Limits {
	if c.Limits == nil {
		return ZohoLimits()
	}
	return *c.Limits
}

func (c Config) clients() []Client {
	if c.Clients == nil {
		return []Client{{ID: "1000.SIM", Secret: "sim"}}
	}
	return c.Clients
}

func (c Config) users() []User {
	if c.Users == nil {
		return []User{
			{Email: "alice@example.com", ZGID: "10001"},
			{Email: "bob@example.com", ZGID: "10002"},
			{Email: "carol@example.com", ZGID: "10003"},
			{Email: "erik@example.eu", ZGID: "20001", Location: "eu"},
		}
	}
	return c.Users
}

func (c Config) logger() *slog.Logger {
	if c.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Logger
}

func (c Config) bulkTime() time.Duration {
	if c.BulkTime == 0 {
		return 3 * time.Second
	}
	return max(c.BulkTime, 0)
}

func (c Config) records() int {
	switch {
	case c.Records == 0:
		return 25
	case c.Records < 0:
		return 0
	}
	return c.Records
}
