package keys_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"zohocrm/store/sealed/keys"
)

var _ tink.AEAD = (*transit)(nil)

// transit encrypts with a key that never leaves HashiCorp Vault, by the plain HTTP
// API of its transit engine. Copy it: it is all that is needed.
// https://developer.hashicorp.com/vault/api-docs/secret/transit
type transit struct {
	client *http.Client // with a Timeout: no context reaches an AEAD
	base   string       // VAULT_ADDR, "https://vault.example.com:8200"
	key    string       // the transit key's name, of a type that takes associated data: aes256-gcm96
	token  string       // VAULT_TOKEN, with a policy for update on encrypt/KEY and decrypt/KEY alone
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// Encrypt implements tink.AEAD.
func (v *transit) Encrypt(plaintext, about []byte) ([]byte, error) {
	data, err := v.post("encrypt", map[string]string{"plaintext": encode(plaintext), "associated_data": encode(about)})
	return []byte(data.Ciphertext), err
}

// Decrypt implements tink.AEAD.
func (v *transit) Decrypt(ciphertext, about []byte) ([]byte, error) {
	data, err := v.post("decrypt", map[string]string{"ciphertext": string(ciphertext), "associated_data": encode(about)})
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(data.Plaintext)
}

type transitData struct{ Ciphertext, Plaintext string }

func (v *transit) post(what string, body map[string]string) (transitData, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return transitData{}, err
	}
	req, err := http.NewRequest(http.MethodPost, v.base+"/v1/transit/"+what+"/"+url.PathEscape(v.key), bytes.NewReader(text))
	if err != nil {
		return transitData{}, err
	}
	req.Header.Set("X-Vault-Token", v.token)
	req.Header.Set("X-Vault-Request", "true")
	res, err := v.client.Do(req)
	if err != nil {
		return transitData{}, err
	}
	defer res.Body.Close()
	var answer struct {
		Data   transitData
		Errors []string
	}
	err = json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&answer)
	switch {
	case res.StatusCode != http.StatusOK:
		return transitData{}, fmt.Errorf("vault: %s %s: %s %q", what, v.key, res.Status, answer.Errors)
	case err != nil:
		return transitData{}, fmt.Errorf("vault: %s %s: its answer is not understood", what, v.key)
	}
	return answer.Data, nil
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// The key file is encrypted by HashiCorp Vault, which is asked once when a program
// starts. Whoever copies the file has nothing.
func ExampleConfig_vault() {
	ctx := context.Background()
	server := newVault("s.token", "zcrm")
	defer server.Close()
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	vault := &transit{client: &http.Client{Timeout: 10 * time.Second}, base: server.URL, key: "zcrm", token: "s.token"}
	file := filepath.Join(folder, "zcrm.keys")
	if _, err := keys.Create(ctx, file, keys.Config{Wrap: vault}); err != nil {
		fmt.Println(err)
		return
	}
	set, err := keys.Open(ctx, file, keys.Config{Wrap: vault})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(set.Ring().Keys()))
	_, err = keys.Open(ctx, file, keys.Config{})
	fmt.Println(errors.Is(err, keys.ErrUnusable))
	// Output:
	// 1
	// true
}

// TestVault: what Vault refuses, and answers that are none.
func TestVault(t *testing.T) {
	server := newVault("s.token", "zcrm")
	defer server.Close()
	vault := func(change func(*transit)) keys.Config {
		v := &transit{client: server.Client(), base: server.URL, key: "zcrm", token: "s.token"}
		change(v)
		return keys.Config{Wrap: v}
	}
	same := func(*transit) {}
	file, id := created(t, vault(same))
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), encode([]byte("vault:v1:"))[:12]) {
		t.Errorf("the file holds no ciphertext of Vault: %v", err)
	}
	if _, err := keys.Rotate(t.Context(), file, vault(same)); err != nil {
		t.Fatal(err)
	}
	server.rotate() // of Vault's own key: what the older one made is still opened
	if _, ok := open(t, file, vault(same)).Ring().Key(id); !ok {
		t.Error("the first key is gone")
	}
	for says, change := range map[string]func(*transit){
		"403 Forbidden":   func(v *transit) { v.token = "s.other" },
		"400 Bad Request": func(v *transit) { v.key = "other" },
		"404 Not Found":   func(v *transit) { v.base += "/odd" },
		"not understood":  func(v *transit) { v.base += "/html" },
		"refused":         func(v *transit) { v.base = "http://127.0.0.1:1" },
	} {
		_, err := keys.Open(t.Context(), file, vault(change))
		refused(t, err, says)
		if strings.Contains(fmt.Sprint(err), "s.other") {
			t.Error("the error tells the token")
		}
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), `"wrapped": "`, `"wrapped": "AAAA`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = keys.Open(t.Context(), file, vault(same))
	refused(t, err, "400 Bad Request")
}
