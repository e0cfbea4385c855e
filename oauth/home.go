package oauth

import (
	"fmt"
	"log/slog"
	"time"

	"zohocrm/dc"
)

// issuer is the accounts server that t belongs to: the only one that may be sent
// its secrets. It must be listed, and be of the data centre of t's API domain.
func (k *Keeper) issuer(t Token) (string, error) {
	directory := k.accounts.Directory()
	byAPI, _, known := directory.ByAPIDomain(t.APIDomain)
	if t.APIDomain != "" && !known {
		return "", fmt.Errorf("%w: the API domain of user %q is not listed; name its accounts and API URLs if it is yours", dc.ErrUntrusted, t.UserName)
	}
	if t.AccountsURL == "" {
		if known {
			return byAPI.AccountsURL, nil
		}
		return k.home.AccountsURL, nil
	}
	byAccounts, ok := directory.ByAccountsURL(t.AccountsURL)
	if !ok {
		return "", fmt.Errorf("%w: the accounts server of user %q is not listed; name its accounts and API URLs if it is yours", dc.ErrUntrusted, t.UserName)
	}
	if known && byAPI.Location != byAccounts.Location {
		return "", fmt.Errorf("%w: accounts server and API domain of user %q are of two data centres", dc.ErrUntrusted, t.UserName)
	}
	return byAccounts.AccountsURL, nil
}

// settle puts an answer of the accounts server onto t. The answer's api_domain
// counts only if it is an API host of the data centre that was asked.
func (k *Keeper) settle(t Token, i Issued) Token {
	directory := k.accounts.Directory()
	asked, _ := directory.ByAccountsURL(t.AccountsURL)
	said, env, ok := directory.ByAPIDomain(i.APIDomain)
	switch {
	case ok && said.Location == asked.Location:
		i.APIDomain = said.APIURL(env)
	case i.APIDomain != "":
		k.log.Warn("the accounts server named an API host that is not one of its data centre; it is not used",
			slog.String("accounts", t.AccountsURL))
		i.APIDomain = ""
	}
	if !i.Expiry.IsZero() { // from the clock of Accounts to the one by which expiries are judged
		i.Expiry = i.Expiry.Add(k.time().Sub(k.accounts.Now()).Round(time.Millisecond))
	}
	out := i.onto(t)
	if out.APIDomain == "" {
		out.APIDomain = asked.APIURL(k.cfg.Environment)
	}
	return out
}
