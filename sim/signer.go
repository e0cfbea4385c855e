package sim

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// signer makes texts that only this server can have made. Page tokens are such
// texts, so the server need not remember them.
type signer struct{ key []byte }

func newSigner() signer {
	key := make([]byte, 32)
	rand.Read(key)
	return signer{key}
}

// seal makes a text of v, which must marshal to JSON.
func (s signer) seal(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		panic("sim: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(append(s.sum(body), body...))
}

// open reads a sealed text into v. It reports whether the text is genuine.
func (s signer) open(text string, v any) bool {
	all, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(all) < sha256.Size {
		return false
	}
	sum, body := all[:sha256.Size], all[sha256.Size:]
	return hmac.Equal(sum, s.sum(body)) && json.Unmarshal(body, v) == nil
}

func (s signer) sum(body []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write(body)
	return mac.Sum(nil)
}
