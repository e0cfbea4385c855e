package dc

// Environment is the kind of organisation behind an API host. Tokens are bound
// to it as they are to the data centre (Zoho: CRM v8, multi-dc). The zero value
// is Production.
type Environment int

const (
	Production Environment = iota
	Sandbox
	Developer
)

// String gives the word that users type: production, sandbox or developer.
func (e Environment) String() string {
	switch e {
	case Sandbox:
		return "sandbox"
	case Developer:
		return "developer"
	}
	return "production"
}

// ParseEnvironment reads the words of [Environment.String]; "" is Production.
func ParseEnvironment(s string) (Environment, bool) {
	for _, e := range []Environment{Production, Sandbox, Developer} {
		if s == e.String() {
			return e, true
		}
	}
	return Production, s == ""
}

// DataCenter is one of Zoho's data centres, or an operator's stand-in for one.
// All URLs are bases without a trailing slash.
type DataCenter struct {
	// Location is Zoho's code, as in the `location` parameter of the OAuth
	// redirect: us, eu, in, ... An operator's own entry is "custom".
	Location string
	// AccountsURL is the base of the OAuth endpoints ({AccountsURL}/oauth/v2/token).
	AccountsURL string
	// UploadURL is the base for file uploads; empty where none is known.
	UploadURL string

	api [3]string // by Environment
}

// APIURL is the base of the CRM API for one environment, which is also what
// Zoho calls api_domain: https://www.zohoapis.eu.
func (d DataCenter) APIURL(e Environment) string {
	if e < Production || e > Developer {
		return ""
	}
	return d.api[e]
}

// IsZero reports whether d names no data centre.
func (d DataCenter) IsZero() bool { return d.AccountsURL == "" }

func zoho(location, accounts, apiHost, upload string) DataCenter {
	d := DataCenter{
		Location:    location,
		AccountsURL: "https://" + accounts,
		api: [3]string{
			"https://www." + apiHost,
			"https://sandbox." + apiHost,
			"https://developer." + apiHost,
		},
	}
	if upload != "" {
		d.UploadURL = "https://" + upload
	}
	return d
}

// known lists the data centres of the official v8 SDKs (their dc package), then
// those that only Zoho's accounts pages name (multi-dc): for these the upload
// host is not published.
func known() []DataCenter {
	return []DataCenter{
		zoho("us", "accounts.zoho.com", "zohoapis.com", "content.zohoapis.com"),
		zoho("eu", "accounts.zoho.eu", "zohoapis.eu", "content.zohoapis.eu"),
		zoho("in", "accounts.zoho.in", "zohoapis.in", "content.zohoapis.in"),
		zoho("au", "accounts.zoho.com.au", "zohoapis.com.au", "content.zohoapis.com.au"),
		zoho("cn", "accounts.zoho.com.cn", "zohoapis.com.cn", "content.zohoapis.com.cn"),
		zoho("jp", "accounts.zoho.jp", "zohoapis.jp", "content.zohoapis.jp"),
		zoho("ca", "accounts.zohocloud.ca", "zohoapis.ca", "upload.zohocloud.ca"),
		zoho("sa", "accounts.zoho.sa", "zohoapis.sa", "files.zoho.sa"),
		zoho("uk", "accounts.zoho.uk", "zohoapis.uk", ""),
		zoho("ae", "accounts.zoho.ae", "zohoapis.ae", ""),
	}
}
