package keys_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// vaultServer behaves like Vault's transit engine with one key, as far as encrypt
// and decrypt go: the version in the ciphertext, base64 everywhere, associated
// data, errors as a list.
type vaultServer struct {
	*httptest.Server
	token, name string

	mu       sync.Mutex
	versions []cipher.AEAD
}

func newVault(token, name string) *vaultServer {
	v := &vaultServer{token: token, name: name}
	v.rotate()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/transit/{what}/{name}", v.serve)
	mux.HandleFunc("/html/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") })
	v.Server = httptest.NewServer(mux)
	return v
}

// rotate adds a version of the key.
func (v *vaultServer) rotate() {
	secret := make([]byte, 32)
	rand.Read(secret)
	block, err := aes.NewCipher(secret)
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.versions = append(v.versions, gcm)
}

func (v *vaultServer) serve(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	fail := func(status int, text string) {
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string][]string{"errors": {text}})
	}
	var body struct {
		Plaintext  string `json:"plaintext"`
		Ciphertext string `json:"ciphertext"`
		About      []byte `json:"associated_data"`
	}
	switch {
	case r.Header.Get("X-Vault-Token") != v.token:
		fail(http.StatusForbidden, "permission denied")
		return
	case json.NewDecoder(r.Body).Decode(&body) != nil:
		fail(http.StatusBadRequest, "failed to parse JSON input")
		return
	case r.PathValue("name") != v.name:
		fail(http.StatusBadRequest, "encryption key not found")
		return
	}
	answer := map[string]any{}
	switch r.PathValue("what") {
	case "encrypt":
		text, err := base64.StdEncoding.DecodeString(body.Plaintext)
		if err != nil {
			fail(http.StatusBadRequest, "failed to base64-decode plaintext")
			return
		}
		gcm := v.versions[len(v.versions)-1]
		nonce := make([]byte, gcm.NonceSize())
		rand.Read(nonce)
		sealed := base64.StdEncoding.EncodeToString(gcm.Seal(nonce, nonce, text, body.About))
		answer["ciphertext"] = fmt.Sprintf("vault:v%d:%s", len(v.versions), sealed)
	case "decrypt":
		text, err := v.decrypt(body.Ciphertext, body.About)
		if err != nil {
			fail(http.StatusBadRequest, "cipher: message authentication failed")
			return
		}
		answer["plaintext"] = base64.StdEncoding.EncodeToString(text)
	default:
		http.NotFound(w, r)
		return
	}
	json.NewEncoder(w).Encode(map[string]any{"request_id": "1", "lease_duration": 0, "data": answer})
}

func (v *vaultServer) decrypt(ciphertext string, about []byte) ([]byte, error) {
	var version int
	var text string
	if _, err := fmt.Sscanf(strings.Replace(ciphertext, ":", " ", 2), "vault v%d %s", &version, &text); err != nil {
		return nil, err
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || version < 1 || version > len(v.versions) || len(sealed) < 12 {
		return nil, fmt.Errorf("not a ciphertext: %w", err)
	}
	return v.versions[version-1].Open(nil, sealed[:12], sealed[12:], about)
}
