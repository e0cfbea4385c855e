package rediskv

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"zohocrm/oauth"
)

// keys are the names of a store's keys.
type keys struct {
	// fixed are those that every script is given as KEYS: meta, order, and the
	// index of each oauth.Key but the ID.
	fixed  []string
	lead   string // how all keys begin: the hash tag
	row    string // how the keys of rows begin
	probe  string
	fields []any // of a row's hash: fields, for commands
}

// Positions in keys.fixed.
const (
	metaKey  = 0
	orderKey = 1
	indexKey = 2 // of ByUserName; the others follow
)

func newKeys(prefix string) keys {
	tag := "{" + prefix + "}:"
	k := keys{lead: tag, fixed: []string{tag + "meta", tag + "order"}, row: tag + "row:", probe: tag + "probe"}
	for _, field := range fields() {
		k.fields = append(k.fields, field)
	}
	for _, key := range indexed() {
		k.fixed = append(k.fixed, tag+"by:"+key.Column())
	}
	return k
}

// indexed are the keys of tokens that have an index.
func indexed() []oauth.Key { return oauth.Keys()[1:] }

// index is the sorted set of one of them.
func (k keys) index(key oauth.Key) string { return k.fixed[indexKey+int(key-oauth.ByUserName)] }

// place is an ID's member in the order: numbers in their order, then the rest.
// The scripts take the ID from behind its first 11 characters.
func place(id string) string { return fmt.Sprintf("%010d:%s", oauth.NumberOf(id), id) }

// entry is a token's member in the index of a key; empty: it has none.
func entry(t oauth.Token, key oauth.Key) string {
	h := hash(t, key)
	if h == "" {
		return ""
	}
	return h + ":" + place(t.ID)
}

// hash is what an index knows of a value: its SHA-256 in hex, or "" of "".
func hash(t oauth.Token, key oauth.Key) string {
	switch key {
	case oauth.ByGrantToken:
		return t.GrantToken.Hash()
	case oauth.ByRefreshToken:
		return t.RefreshToken.Hash()
	case oauth.ByAccessToken:
		return t.AccessToken.Hash()
	}
	if t.UserName == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(t.UserName))
	return hex.EncodeToString(sum[:])
}
