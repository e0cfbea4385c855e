package vaultstore

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"zohocrm/oauth"
)

// content is what the secret holds, as the store works with it.
type content struct {
	lastID int64 // the greatest number ever given, so that none is given twice
	tokens []oauth.Token
}

// document is what the secret holds, as it is written: tokens as plain rows, since
// a Token refuses to be marshalled, and the side data beside them.
type document struct {
	LastID int64           `json:"last_id"`
	Rows   []oauth.Row     `json:"rows"`
	Side   map[string]side `json:"side"`   // by Token.SideKey, so that a new login starts clean
	Change string          `json:"change"` // random: no two writings are equal
}

type side struct {
	Scope       string    `json:"scope,omitempty"`
	AccountsURL string    `json:"accounts_url,omitempty"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
	LastUsedAt  time.Time `json:"last_used_at,omitzero"`
}

// parse reads a document. No text is an empty store. place is what an error names.
func parse(text []byte, place string) (content, error) {
	if len(text) == 0 {
		return content{}, nil
	}
	var doc document
	if err := json.Unmarshal(text, &doc); err != nil || doc.Change == "" {
		// The decoder's own words could quote a token.
		return content{}, &oauth.CorruptError{Place: place, Reason: "it is not the JSON that this store writes"}
	}
	c := content{lastID: doc.LastID}
	for _, row := range doc.Rows {
		t, err := row.Token()
		if err != nil {
			return content{}, err
		}
		d := doc.Side[t.SideKey()]
		c.tokens = append(c.tokens, t.WithSide(oauth.Token{
			Scope: d.Scope, AccountsURL: d.AccountsURL, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, LastUsedAt: d.LastUsedAt,
		}))
	}
	return c, nil
}

// text writes the document.
func (c *content) text() ([]byte, error) {
	doc := document{LastID: c.lastID, Rows: []oauth.Row{}, Side: map[string]side{}, Change: rand.Text()}
	for _, t := range c.tokens {
		row := t.Row()
		if back, err := row.Token(); err != nil || !back.Expiry.Equal(t.Expiry) {
			return nil, &oauth.ValueError{Column: "expiry_time", Reason: "it is not between 1970 and 9999"}
		}
		doc.Rows = append(doc.Rows, row)
		doc.Side[t.SideKey()] = side{t.Scope, t.AccountsURL, t.CreatedAt, t.UpdatedAt, t.LastUsedAt}
	}
	return json.Marshal(doc)
}

// save carries out what [oauth.PlanSave] decides, and returns the row.
func (c *content) save(t oauth.Token, now time.Time) (oauth.Token, error) {
	plan, err := oauth.PlanSave(t, now, oauth.RowsOf(c.tokens))
	if err != nil {
		return oauth.Token{}, err
	}
	row := plan.Row
	if row.ID == "" {
		if row.ID, err = oauth.NextID(c.lastID, false, ""); err != nil {
			return oauth.Token{}, err
		}
	}
	c.lastID = max(c.lastID, oauth.NumberOf(row.ID))
	row.Version = row.Row().Version()
	if plan.Insert() {
		c.tokens = append(c.tokens, row)
	} else {
		c.tokens[c.index(plan.Old)] = row
	}
	if plan.Remove.Version != "" {
		c.remove(plan.Remove)
	}
	return row, nil
}

func (c *content) delete(id, version string) error {
	row, err := oauth.Resolve(oauth.Token{ID: id}, oauth.RowsOf(c.tokens))
	if err != nil {
		return err
	}
	if version != "" && version != row.Version {
		return fmt.Errorf("%w: id %q", oauth.ErrConflict, id)
	}
	c.remove(row)
	return nil
}

// index is where a row that was just read stands.
func (c *content) index(row oauth.Token) int {
	return slices.IndexFunc(c.tokens, func(t oauth.Token) bool { return t.ID == row.ID && t.Version == row.Version })
}

func (c *content) remove(row oauth.Token) {
	i := c.index(row)
	c.tokens = slices.Delete(c.tokens, i, i+1)
}
