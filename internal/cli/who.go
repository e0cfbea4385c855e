package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// who says whose token is meant.
type who struct{ user, id string }

func (w *who) register(a *app, cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.user, "user", "", "`NAME` of the user; may be left out if only one is stored")
	cmd.Flags().StringVar(&w.id, "id", "", "`ID` of the token, instead of --user")
	a.completeWho(cmd)
}

// find answers the row that is meant. Without a user or an id it is the only row
// of the store, or of the client ID if one is set.
func (w who) find(ctx context.Context, store oauth.Store, set settings) (oauth.Token, error) {
	switch {
	case w.user != "" && w.id != "":
		return oauth.Token{}, usagef("give --user or --id, not both")
	case w.user == "" && w.id == "":
		return onlyOne(ctx, store, set)
	}
	row, err := store.Find(ctx, oauth.Token{ID: w.id, UserName: w.user, ClientID: set.clientID})
	if errors.Is(err, oauth.ErrNotFound) && set.clientID != "" {
		err = advise(err, fmt.Sprintf("only client %s was looked at, because of --client-id or ZCRM_CLIENT_ID; list the tokens: zcrm token list", set.clientID))
	}
	return row, err
}

// mostListed bounds how many users an error names.
const mostListed = 10

// opened refuses a row whose secrets are sealed, with the keys not given.
func opened(row oauth.Token, err error) (oauth.Token, error) {
	if err != nil {
		return row, err
	}
	return row, row.Opened()
}

func onlyOne(ctx context.Context, store oauth.Store, set settings) (oauth.Token, error) {
	var rows []oauth.Token
	others := false
	for t, err := range store.List(ctx) {
		switch {
		case err != nil:
			return oauth.Token{}, err
		case set.clientID != "" && t.ClientID != set.clientID:
			others = true
		default:
			rows = append(rows, t)
		}
		if len(rows) > mostListed {
			break
		}
	}
	switch {
	case len(rows) == 0 && others:
		return oauth.Token{}, advise(fmt.Errorf("%w of client %s in %s", oauth.ErrNotFound, set.clientID, open.Redact(set.storeURL)), "zcrm token list shows those of others")
	case len(rows) == 0:
		return oauth.Token{}, advise(fmt.Errorf("%w: %s is empty", oauth.ErrNotFound, open.Redact(set.storeURL)), "connect a user: zcrm login")
	case sameOwner(rows):
		// Several rows of one user, which an official SDK left: the store knows
		// which is meant.
		return store.Find(ctx, oauth.Token{ID: single(rows).ID, UserName: rows[0].UserName, ClientID: rows[0].ClientID})
	}
	var names []string
	for i, t := range rows {
		if i == mostListed {
			names = append(names, "and others")
			break
		}
		names = append(names, fmt.Sprintf("%q (id %s)", t.UserName, t.ID))
	}
	return oauth.Token{}, sayf("several users are stored, say which with --user or --id: %s", strings.Join(names, ", "))
}

func sameOwner(rows []oauth.Token) bool {
	for _, t := range rows[1:] {
		if t.UserName == "" || t.UserName != rows[0].UserName || t.ClientID != rows[0].ClientID {
			return false
		}
	}
	return true
}

// single is the row if there is only one; of several, none is meant by its id.
func single(rows []oauth.Token) oauth.Token {
	if len(rows) == 1 {
		return rows[0]
	}
	return oauth.Token{}
}

// partial is what the Keeper is asked for: the row, and a client secret from the
// settings if it belongs to the row's client or the row has none.
func (a *app) partial(row oauth.Token) (oauth.Token, error) {
	p := oauth.Token{ID: row.ID, UserName: row.UserName, ClientID: row.ClientID}
	if a.set.clientID != row.ClientID && !row.ClientSecret.IsZero() {
		return p, nil
	}
	secret, err := a.clientSecret()
	p.ClientSecret = secret
	return p, err
}
