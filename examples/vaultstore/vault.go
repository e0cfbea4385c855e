// Package vaultstore keeps tokens in HashiCorp Vault, in one secret of a KV
// version 2 engine, by Vault's plain HTTP API: an example of a custom
// [oauth.Store], complete and small enough to be copied.
//
//   - vault.go is what is Vault's: read a secret, write it with check-and-set.
//   - store.go is the store: the six methods, and what happens when two write.
//   - document.go is what the secret holds.
//
// It is no [oauth.Coordinator]: each process renews tokens for itself, and of two
// that do so at once the second adopts what the first has saved.
//
// Vault keeps old versions of a secret, and with them tokens that were replaced or
// deleted. Set up the secret so that it does not, and so that nobody writes it
// without check-and-set:
//
//	vault kv metadata put -mount=secret -max-versions=1 -cas-required=true zoho/tokens
//
// A secret may have about a mebibyte (storage raft; 512 KiB with Consul): some
// thousand tokens. Every change writes all of them, so for more than a few hundred
// take a database, sealed with keys that Vault wraps: see the example of package
// store/sealed/keys.
package vaultstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"zohocrm/oauth"
)

// Config sets up [New]. Address, Path and Token are required.
type Config struct {
	Address string // VAULT_ADDR: "https://vault.example.com:8200"
	Mount   string // of the KV version 2 engine; "": "secret"
	Path    string // of the secret: "zoho/tokens"
	// Namespace is for Vault Enterprise; "": none.
	Namespace string
	// Token answers the Vault token, and is asked for every request: it may read
	// the file that Vault Agent keeps. Its policy needs create, read and update on
	// MOUNT/data/PATH.
	Token func(ctx context.Context) (oauth.Secret, error)
	// HTTPClient carries the requests; nil is one with a timeout of 10 seconds.
	HTTPClient *http.Client
	// Now is the clock for CreatedAt and UpdatedAt; nil is time.Now.
	Now func() time.Time
}

// New returns a Store. Nothing is sent; [Store.Probe] tells whether it works.
func New(cfg Config) (*Store, error) {
	base, err := url.Parse(cfg.Address)
	if err != nil || base.Host == "" || base.User != nil || cfg.Path == "" || cfg.Token == nil {
		return nil, errors.New("vaultstore: Config needs Address (https://HOST:8200), Path and Token")
	}
	if cfg.Mount == "" {
		cfg.Mount = "secret"
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = &http.Client{Timeout: 10 * time.Second}
	}
	client := *cfg.HTTPClient
	// A redirect would carry the Vault token to wherever it leads.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	cfg.HTTPClient = &client
	v := &vault{cfg: cfg, url: base.JoinPath("v1", cfg.Mount, "data", cfg.Path).String()}
	return newStore(v, cfg.Now, 0), nil
}

// vault is one secret.
type vault struct {
	cfg Config
	url string
}

func (v *vault) name() string { return "Vault's secret " + v.cfg.Mount + "/" + v.cfg.Path }

// answer is what Vault says (https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2).
type answer struct {
	Data struct {
		Data     json.RawMessage
		Metadata struct{ Version int64 }
	}
	Errors []string
}

// read gets the latest version. One that was deleted by hand is 404 with a
// version, over which the next one has to be written.
func (v *vault) read(ctx context.Context) (text []byte, version string, err error) {
	a, status, err := v.do(ctx, http.MethodGet, nil)
	if err != nil {
		return nil, "", err
	}
	version = strconv.FormatInt(a.Data.Metadata.Version, 10)
	switch {
	case status == http.StatusNotFound && len(a.Errors) == 0:
		return nil, version, nil
	case status != http.StatusOK:
		return nil, "", v.refused(status, a)
	}
	return a.Data.Data, version, nil
}

// write uses check-and-set: version 0 means that nothing is there.
func (v *vault) write(ctx context.Context, text []byte, version string) error {
	body, err := json.Marshal(map[string]any{
		"options": map[string]json.RawMessage{"cas": json.RawMessage(version)}, "data": json.RawMessage(text),
	})
	if err != nil {
		return errors.New("the secret cannot be written as JSON")
	}
	a, status, err := v.do(ctx, http.MethodPost, body)
	switch {
	case err != nil:
		return err
	case status == http.StatusBadRequest && strings.Contains(strings.Join(a.Errors, " "), "check-and-set parameter did not match"):
		return errChanged
	case status != http.StatusOK && status != http.StatusNoContent:
		return v.refused(status, a)
	}
	return nil
}

// maxAnswer bounds what is read of an answer, in bytes: more than a secret may have.
const maxAnswer = 8 << 20

func (v *vault) do(ctx context.Context, method string, body []byte) (a answer, status int, err error) {
	token, err := v.cfg.Token(ctx)
	if err != nil {
		return a, 0, fmt.Errorf("no Vault token: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, v.url, bytes.NewReader(body))
	if err != nil {
		return a, 0, err
	}
	req.Header.Set("X-Vault-Token", token.Reveal())
	req.Header.Set("X-Vault-Request", "true")
	if v.cfg.Namespace != "" {
		req.Header.Set("X-Vault-Namespace", v.cfg.Namespace)
	}
	res, err := v.cfg.HTTPClient.Do(req)
	if err != nil {
		return a, 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return a, 0, err
	}
	// The decoder's own words could quote a token.
	if json.Unmarshal(text, &a) != nil && len(text) > 0 {
		return a, 0, fmt.Errorf("the answer is not Vault's (%s): check Address, and what stands between", res.Status)
	}
	return a, res.StatusCode, nil
}

// refused is Vault's no, in its own words: they name paths and no values.
func (v *vault) refused(status int, a answer) error {
	hint := "look into Vault's log"
	switch status {
	case http.StatusForbidden:
		hint = "renew the Vault token, or have its policy allow create, read and update on " + v.cfg.Mount + "/data/" + v.cfg.Path
	case http.StatusNotFound:
		hint = "check that Mount is an engine of KV version 2"
	case http.StatusServiceUnavailable:
		hint = "unseal Vault"
	}
	return fmt.Errorf("%d %s %q: %s", status, http.StatusText(status), a.Errors, hint)
}
