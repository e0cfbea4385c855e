package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"time"

	"zohocrm/oauth"
)

// login is what is remembered of a browser that was sent to Zoho.
type login struct {
	state    string
	verifier oauth.Secret // PKCE: a code that is stolen on its way is of no use
}

// tickets are logins that are under way. Each is with its own browser, sealed, so that
// any number of them costs no memory here, and nobody can push out another's by
// beginning many. It is safe for concurrent use.
type tickets struct {
	aead cipher.AEAD // its key lives as long as the program
	used *shelf[struct{}]
	now  func() time.Time
}

func newTickets(now func() time.Time) (*tickets, error) {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &tickets{aead: aead, used: newShelf[struct{}](maxUsed, loginTime, loginTime, now), now: now}, err
}

// sealedLogin is a login as it is sealed.
type sealedLogin struct {
	State    string `json:"s"`
	Verifier string `json:"v"`
	Ends     int64  `json:"e"` // Unix time in seconds
}

// issue seals a login for its browser.
func (t *tickets) issue(l login) string {
	text, _ := json.Marshal(sealedLogin{l.state, l.verifier.Reveal(), t.now().Add(loginTime).Unix()}) // texts and a number
	return base64.RawURLEncoding.EncodeToString(t.aead.Seal(nil, nil, text, []byte(loginCookie)))     // #nosec G407 -- the AEAD draws the nonce: NewGCMWithRandomNonce
}

// open reads a ticket; it answers false for one that is over, or not from here.
func (t *tickets) open(ticket string) (login, bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(ticket)
	if err != nil {
		return login{}, false
	}
	text, err := t.aead.Open(nil, nil, sealed, []byte(loginCookie))
	var s sealedLogin
	if err != nil || json.Unmarshal(text, &s) != nil || !t.now().Before(time.Unix(s.Ends, 0)) {
		return login{}, false
	}
	return login{s.State, oauth.NewSecret(s.Verifier)}, true
}

// use reports whether the login was not used before. Only who came back from Zoho with
// its state can use it, so that few are remembered.
func (t *tickets) use(l login) bool { return t.used.putOnce(l.state) }
