package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"zohocrm/oauth"
)

// content is what the file holds, as the store works with it.
type content struct {
	lastID int64 // the greatest number ever given
	tokens []oauth.Token
}

// document is what the file holds, as it is written: tokens as plain rows, since
// a Token refuses to be marshalled, and the side data beside them.
type document struct {
	LastID int64           `json:"last_id"`
	Rows   []oauth.Row     `json:"rows"`
	Side   map[string]side `json:"side"` // by Token.SideKey, so that a new login starts clean
}

type side struct {
	Scope       string    `json:"scope,omitempty"`
	AccountsURL string    `json:"accounts_url,omitempty"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
	LastUsedAt  time.Time `json:"last_used_at,omitzero"`
}

// read gives what the file holds; no file is an empty store.
func (s *JSONStore) read(ctx context.Context) (content, error) {
	if err := ctx.Err(); err != nil {
		return content{}, err
	}
	data, err := os.ReadFile(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return content{}, nil
	}
	if err != nil {
		return content{}, fmt.Errorf("%w: %w", oauth.ErrStoreUnavailable, err)
	}
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		// The decoder's own words could quote a token.
		return content{}, &oauth.CorruptError{Place: filepath.Base(s.Path), Reason: "it is not the JSON that this store writes"}
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

// write puts a new file in the place of the old one, in one step.
func (s *JSONStore) write(c content) error {
	doc := document{LastID: c.lastID, Side: map[string]side{}}
	for _, t := range c.tokens {
		row := t.Row()
		if back, err := row.Token(); err != nil || !back.Expiry.Equal(t.Expiry) {
			return &oauth.ValueError{Column: "expiry_time", Reason: "it is not between 1970 and 9999"}
		}
		doc.Rows = append(doc.Rows, row)
		doc.Side[t.SideKey()] = side{t.Scope, t.AccountsURL, t.CreatedAt, t.UpdatedAt, t.LastUsedAt}
	}
	data, err := json.MarshalIndent(doc, "", "\t")
	if err != nil {
		return fmt.Errorf("%w: %w", oauth.ErrStoreUnavailable, err)
	}
	if err := replaceFile(s.Path, data); err != nil {
		return fmt.Errorf("%w: %w", oauth.ErrStoreUnavailable, err)
	}
	return nil
}

// replaceFile writes a new file, readable by its owner only, and renames it.
func replaceFile(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
