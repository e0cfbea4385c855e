package zohocrm

import (
	"strings"
	"sync"

	"zohocrm/crm"
	"zohocrm/oauth"
)

// maxOrganisations bounds the limiters that are remembered. Beyond it all are
// forgotten: clients that are there keep theirs, so for a while an organisation
// may have two, and Zoho may refuse a call that would have waited.
const maxOrganisations = 10_000

// organisations keeps one limiter for each organisation and application.
type organisations struct {
	told func(user oauth.Token) *crm.Limiter // Config.Limiter; nil: nobody tells

	mu    sync.Mutex
	known map[organisation]*crm.Limiter
}

// organisation is what Zoho counts the calls at once of: each data centre and
// environment numbers organisations on its own. Where the number is not known it
// is a user's row, so that at least one user's clients share.
type organisation struct{ client, api, zgid, row string }

// limiter is whose turn a user's calls wait for. nil is one of its own, for a
// token that is in no store.
func (o *organisations) limiter(user oauth.Token) *crm.Limiter {
	if o.told != nil {
		if l := o.told(user); l != nil {
			return l
		}
	}
	key := organisation{client: user.ClientID, api: user.APIDomain}
	if zgid, ok := zgidOf(user.UserName); ok {
		key.zgid = zgid
	} else if key.row = user.ID; key.row == "" {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.known[key]
	if l == nil {
		if len(o.known) >= maxOrganisations || o.known == nil {
			o.known = make(map[organisation]*crm.Limiter)
		}
		l = crm.NewLimiter(crm.LimiterConfig{})
		o.known[key] = l
	}
	return l
}

// zgidOf takes the organisation's number out of a name as crm.UserName makes it.
func zgidOf(name string) (string, bool) {
	email, zgid, ok := strings.Cut(name, ":")
	return zgid, ok && strings.Contains(email, "@") && zgid != "" && strings.Trim(zgid, "0123456789") == ""
}
