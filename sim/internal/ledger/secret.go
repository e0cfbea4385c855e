package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// newToken makes a code or token of the shape seen at Zoho: "1000.", 32 hex
// digits, a dot, 32 hex digits. crypto/rand.Read never fails.
func newToken() string {
	var b [32]byte
	rand.Read(b[:])
	text := hex.EncodeToString(b[:])
	return "1000." + text[:32] + "." + text[32:]
}

// Fingerprint names a secret without giving it away: "sha256:" and the first
// 12 hex digits of its SHA-256.
func Fingerprint(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "sha256:" + hex.EncodeToString(sum[:6])
}
