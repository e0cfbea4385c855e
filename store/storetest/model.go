package storetest

import (
	"time"

	"zohocrm/oauth"
)

// model is the contract once more, as slow and plain as its words: a list of
// rows, searched from end to end. It calls nothing of package oauth that a store
// may call too, so that the same mistake in both would not go unseen.
//
// It does not number rows and makes no Versions: it takes those that the store
// gave, and the machine checks them.
type model struct {
	rows []oauth.Token
	// sides are the side keys that were ever in use, and doubtful those of which
	// a store may know more than the row at hand: another row's, or from before.
	sides, doubtful map[string]bool
}

func newModel() *model { return &model{sides: map[string]bool{}, doubtful: map[string]bool{}} }

// outcome is what a Save is expected to do.
type outcome struct {
	err     error // the sentinel; the rest is empty then
	row     oauth.Token
	updates int // index of the row that changes; -1: an insert
	removes int // index of the nameless row that goes; -1: none
}

func failing(err error) outcome { return outcome{err: err, updates: -1, removes: -1} }

// find gives the index of the row that p means.
func (m *model) find(p oauth.Token) (int, error) {
	keys := []struct {
		wanted string
		of     func(t oauth.Token) string
	}{
		{p.UserName, func(t oauth.Token) string { return t.UserName }},
		{p.GrantToken.Reveal(), func(t oauth.Token) string { return t.GrantToken.Reveal() }},
		{p.RefreshToken.Reveal(), func(t oauth.Token) string { return t.RefreshToken.Reveal() }},
		{p.AccessToken.Reveal(), func(t oauth.Token) string { return t.AccessToken.Reveal() }},
	}
	if p.ID != "" {
		i := m.withID(p.ID)
		switch {
		case i < 0:
			return -1, oauth.ErrNotFound
		case contradict(m.rows[i], p):
			return -1, oauth.ErrMismatch
		}
		return i, nil
	}
	any := false
	for _, key := range keys {
		if key.wanted == "" {
			continue
		}
		any = true
		fit := []int{}
		for i, row := range m.rows {
			if key.of(row) == key.wanted && !contradict(row, p) {
				fit = append(fit, i)
			}
		}
		switch {
		case len(fit) == 1:
			return fit[0], nil
		case len(fit) > 1:
			return -1, oauth.ErrAmbiguous // no sequence of calls makes two rows of one user and client
		}
	}
	if !any {
		return -1, oauth.ErrIncompleteKey
	}
	return -1, oauth.ErrNotFound
}

func (m *model) withID(id string) int {
	for i, row := range m.rows {
		if row.ID == id {
			return i
		}
	}
	return -1
}

func contradict(a, b oauth.Token) bool {
	return bothAndDifferent(a.ID, b.ID) || bothAndDifferent(a.UserName, b.UserName) || bothAndDifferent(a.ClientID, b.ClientID)
}

func bothAndDifferent(a, b string) bool { return a != "" && b != "" && a != b }

// save says what Save has to do; do carries it out.
func (m *model) save(t oauth.Token) outcome {
	i, err := m.find(t)
	switch {
	case err == oauth.ErrNotFound && t.Version != "":
		return failing(oauth.ErrConflict)
	case err == oauth.ErrNotFound:
		return m.saveUnfound(t)
	case err != nil:
		return failing(err)
	}
	row := m.rows[i]
	if t.Version != "" && t.Version != row.Version {
		return failing(oauth.ErrConflict)
	}
	if row.UserName == "" && t.UserName != "" {
		named := lay(t, row)
		j, err := m.find(oauth.Token{UserName: named.UserName, ClientID: named.ClientID})
		if err == oauth.ErrAmbiguous {
			return failing(err)
		}
		if err == nil {
			if bothAndDifferent(named.APIDomain, m.rows[j].APIDomain) {
				return failing(oauth.ErrMismatch)
			}
			return outcome{row: lay(named, m.rows[j]), updates: j, removes: i}
		}
	}
	return m.update(t, i)
}

func (m *model) saveUnfound(t oauth.Token) outcome {
	if t.UserName != "" {
		j, err := m.find(oauth.Token{UserName: t.UserName, ClientID: t.ClientID})
		if err == oauth.ErrAmbiguous {
			return failing(err)
		}
		if err == nil {
			return m.update(t, j)
		}
	}
	if t.RefreshToken.IsZero() && t.GrantToken.IsZero() && t.AccessToken.IsZero() {
		return failing(oauth.ErrIncompleteKey)
	}
	return outcome{row: t, updates: -1, removes: -1} // as it was given
}

func (m *model) update(t oauth.Token, i int) outcome {
	if t.Version == "" && bothAndDifferent(t.APIDomain, m.rows[i].APIDomain) {
		return failing(oauth.ErrMismatch)
	}
	return outcome{row: lay(t, m.rows[i]), updates: i, removes: -1}
}

// do carries out what save said, with the ID, Version and times that the store gave.
func (m *model) do(o outcome, got oauth.Token) {
	o.row.ID, o.row.Version = got.ID, got.Version
	if o.row.CreatedAt.IsZero() {
		o.row.CreatedAt = got.CreatedAt
	}
	before := ""
	if o.removes >= 0 {
		before = sideKey(m.rows[o.removes])
	}
	if o.updates >= 0 && sideKey(m.rows[o.updates]) == sideKey(o.row) {
		before = sideKey(o.row)
	}
	key := sideKey(o.row)
	if m.sides[key] && key != before {
		m.doubtful[key] = true
	}
	m.sides[key] = true
	if o.updates >= 0 {
		m.rows[o.updates] = o.row
	} else {
		m.rows = append(m.rows, o.row)
	}
	if o.removes >= 0 {
		m.remove(o.removes)
	}
}

func (m *model) remove(i int) { m.rows = append(m.rows[:i:i], m.rows[i+1:]...) }

// lay lays t over row.
func lay(t, row oauth.Token) oauth.Token {
	out := row
	for _, c := range []struct {
		to   *string
		from string
	}{
		{&out.UserName, t.UserName}, {&out.ClientID, t.ClientID}, {&out.RedirectURL, t.RedirectURL}, {&out.APIDomain, t.APIDomain},
	} {
		if c.from != "" {
			*c.to = c.from
		}
	}
	if !t.ClientSecret.IsZero() {
		out.ClientSecret = t.ClientSecret
	}
	if !t.GrantToken.IsZero() {
		out.GrantToken = t.GrantToken
	}
	otherLogin := !t.RefreshToken.IsZero() && t.RefreshToken != row.RefreshToken
	otherAccess := !t.AccessToken.IsZero() && t.AccessToken != row.AccessToken
	sameAccess := !t.AccessToken.IsZero() && t.AccessToken == row.AccessToken
	switch {
	case otherLogin && t.AccessToken.IsZero():
		out.RefreshToken, out.AccessToken, out.Expiry = t.RefreshToken, oauth.Secret{}, time.Time{}
	case otherLogin:
		out.RefreshToken, out.AccessToken, out.Expiry = t.RefreshToken, t.AccessToken, t.Expiry
	case otherAccess:
		out.AccessToken, out.Expiry = t.AccessToken, t.Expiry
	case sameAccess && !t.Expiry.IsZero():
		out.Expiry = t.Expiry
	}
	return laySide(t, row, out)
}

func laySide(t, row, out oauth.Token) oauth.Token {
	if sideKey(out) != sideKey(row) {
		out.Scope, out.AccountsURL, out.CreatedAt, out.LastUsedAt = "", "", time.Time{}, time.Time{}
	}
	if t.Scope != "" {
		out.Scope = t.Scope
	}
	if t.AccountsURL != "" {
		out.AccountsURL = t.AccountsURL
	}
	if out.CreatedAt.IsZero() {
		out.CreatedAt = t.CreatedAt
	}
	if !t.LastUsedAt.Before(out.LastUsedAt.Add(time.Hour)) {
		out.LastUsedAt = t.LastUsedAt
	}
	return out
}

// sideKey tells side data of one token from those of another.
func sideKey(t oauth.Token) string {
	switch {
	case !t.RefreshToken.IsZero():
		return "refresh " + t.RefreshToken.Reveal()
	case !t.GrantToken.IsZero():
		return "grant " + t.GrantToken.Reveal()
	}
	return "access " + t.AccessToken.Reveal()
}
