package sealed

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"zohocrm/oauth"
	"zohocrm/store/sealed/keys"
)

// row is a row of the inner store, opened.
type row struct {
	stored oauth.Token // as the inner store gave it
	plain  oauth.Token // what it says; ID, Version and side data are the inner store's
	key    keys.ID     // the key of all its cells; 0: it is plain, or they have several
	sealed bool
}

var (
	// ErrPlain: a row is plain where the keys, or [Config.RefusePlain], say that all rows
	// are sealed. Delete it; or, if it is known to be right, seal it with [SealAll].
	ErrPlain = errors.New("plain where sealed is demanded: it was written by a program without the keys, or forged")

	errMixed = errors.New("some of its cells are sealed and others are not: it was written by a program without the keys, or forged")
)

// open reads a row, a plain one only if that is allowed.
func (s *Store) open(ring *keys.Ring, stored oauth.Token) (row, error) {
	r, err := s.openAny(ring, stored)
	if err == nil && !r.sealed && !s.plainAllowed(ring) {
		return row{}, ofRow(stored, ErrPlain)
	}
	return r, err
}

// openAny reads a row, be it plain.
func (s *Store) openAny(ring *keys.Ring, stored oauth.Token) (row, error) {
	read, err := s.read(ring, stored)
	if err != nil {
		return row{}, err
	}
	r := row{stored: stored, plain: stored, key: read.key, sealed: read.sealed}
	if r.sealed {
		r.plain = read.texts.in(stored)
		r.plain.APIDomain = withoutMark(stored.APIDomain)
	}
	return r, nil
}

// reading is what a row says.
type reading struct {
	texts  secrets
	key    keys.ID // of all its cells; 0: it is plain, or they have several
	sealed bool
}

// read reads a row, be it plain. Its key may be newer than ring: then it is looked
// for.
func (s *Store) read(ring *keys.Ring, stored oauth.Token) (reading, error) {
	r, err := readWith(ring, stored)
	var missing missingKey
	if errors.As(err, &missing) {
		if now := s.cfg.Keys.Look(); now != ring {
			r, err = readWith(now, stored)
		}
	}
	return r, ofRow(stored, err)
}

func readWith(ring *keys.Ring, stored oauth.Token) (r reading, err error) {
	if r.sealed, err = uniform(stored); err != nil {
		return reading{}, err
	}
	if !r.sealed {
		r.texts = secretsOf(stored)
		return r, nil
	}
	r.texts, r.key, err = openTexts(ring, stored)
	return r, err
}

// uniform reports whether a row is sealed. All its cells must be, or none.
func uniform(stored oauth.Token) (sealed bool, err error) {
	sealed = isSealed(stored.ClientSecret)
	for _, c := range tokensOf(&stored) {
		if !c.cell.IsZero() && isSealed(*c.cell) != sealed {
			return false, errMixed
		}
	}
	return sealed, nil
}

// secrets are a row's secrets as texts: to make an [oauth.Secret] costs more than to
// open it, and not everybody needs one.
type secrets struct {
	client string
	tokens [3]string // in the order of tokensOf
}

func secretsOf(plain oauth.Token) secrets {
	texts := secrets{client: plain.ClientSecret.Reveal()}
	for i, c := range tokensOf(&plain) {
		texts.tokens[i] = c.cell.Reveal()
	}
	return texts
}

// in is row with these secrets.
func (texts secrets) in(row oauth.Token) oauth.Token {
	row.ClientSecret = oauth.NewSecret(texts.client)
	for i, c := range tokensOf(&row) {
		*c.cell = oauth.NewSecret(texts.tokens[i])
	}
	return row
}

// fit refuses a secret that would be too long when it is sealed.
func (texts secrets) fit(limit int) error {
	for i, column := range [4]string{columnRefresh, columnAccess, columnGrant, columnSecret} {
		text := texts.client
		if i < len(texts.tokens) {
			text = texts.tokens[i]
		}
		if len(text) > limit {
			return &oauth.ValueError{Column: column, Reason: fmt.Sprintf("it is longer than %d bytes, and would be too long when sealed", limit)}
		}
	}
	return nil
}

// openTexts opens a sealed row. It tells the key of all its cells; 0: they have
// several.
func openTexts(ring *keys.Ring, stored oauth.Token) (texts secrets, key keys.ID, err error) {
	// The client secret first: it tells whether the other cells belong here.
	if texts.client, key, err = openSecret(ring, stored); err != nil {
		return secrets{}, 0, err
	}
	for i, c := range tokensOf(&stored) {
		if c.cell.IsZero() {
			continue
		}
		text, id, err := openToken(ring, c.column, *c.cell)
		if err != nil {
			return secrets{}, 0, err
		}
		if texts.tokens[i] = text; id != key {
			key = 0
		}
	}
	return texts, key, nil
}

// sealTexts gives row, whose API domain is without a mark, with these secrets sealed
// and a fresh mark.
func sealTexts(k *keys.Key, row oauth.Token, texts secrets) (oauth.Token, error) {
	var err error
	for i, c := range tokensOf(&row) {
		if *c.cell, err = sealToken(k, c.column, texts.tokens[i]); err != nil {
			return oauth.Token{}, err
		}
	}
	if row.ClientSecret, err = sealSecret(k, texts.client, row); err != nil {
		return oauth.Token{}, err
	}
	row.APIDomain += freshMark()
	return row, nil
}

// cell is a token's place in a row.
type cell struct {
	column string
	cell   *oauth.Secret
}

func tokensOf(t *oauth.Token) [3]cell {
	return [3]cell{{columnRefresh, &t.RefreshToken}, {columnAccess, &t.AccessToken}, {columnGrant, &t.GrantToken}}
}

// seal gives the row that is to be stored for plain. old is the row that it
// replaces; nil: none. If nothing is to change, it is old as it is stored.
func (s *Store) seal(k *keys.Key, plain oauth.Token, old *row) (oauth.Token, error) {
	out := plain
	if old != nil {
		out.ID, out.Version = old.stored.ID, old.stored.Version
		if old.key == k.ID() && sameColumns(plain, old.plain) {
			out.ClientSecret, out.APIDomain = old.stored.ClientSecret, old.stored.APIDomain
			out.RefreshToken, out.AccessToken, out.GrantToken = old.stored.RefreshToken, old.stored.AccessToken, old.stored.GrantToken
			return out, nil
		}
	}
	texts := secretsOf(plain)
	if err := texts.fit(s.cfg.MaxSecret); err != nil {
		return oauth.Token{}, err
	}
	out, err := sealTexts(k, out, texts)
	if err == nil && old != nil && old.key == k.ID() && plain.ClientSecret == old.plain.ClientSecret && sameAbout(out, old.stored) {
		out.ClientSecret = old.stored.ClientSecret
	}
	return out, err
}

// sameColumns is equality of what two rows say, whichever IDs they have.
func sameColumns(a, b oauth.Token) bool {
	b.ID = a.ID
	return sameStored(a, b)
}

// sameAbout is equality of about.
func sameAbout(a, b oauth.Token) bool {
	return a.UserName == b.UserName && a.ClientID == b.ClientID && sameTokens(a, b)
}

func sameTokens(a, b oauth.Token) bool {
	return a.RefreshToken == b.RefreshToken && a.AccessToken == b.AccessToken && a.GrantToken == b.GrantToken
}

func sliceOf(t *oauth.Token) []cell { c := tokensOf(t); return c[:] }

// A mark is "#" and ten hex digits at the end of a sealed row's api_domain,
// different after each write. See the package comment.
const markBytes = 5

func freshMark() string {
	var b [markBytes]byte
	rand.Read(b[:]) // never fails: it ends the program if it must
	return "#" + hex.EncodeToString(b[:])
}

// withoutMark cuts off the mark. Somebody may have set the column by hand.
func withoutMark(domain string) string {
	at := strings.LastIndexByte(domain, '#')
	if at < 0 || !isMark(domain[at+1:]) {
		return domain
	}
	return domain[:at]
}

func isMark(digits string) bool {
	return len(digits) == 2*markBytes && strings.Trim(digits, "0123456789abcdef") == ""
}
