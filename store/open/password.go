package open

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"zohocrm/oauth"
)

// maxFile bounds what is read of a file with a password or with certificates, in
// bytes.
const maxFile = 1 << 20

// secret is the password: the URL's, that of its file, else cfg's.
func (a *address) secret(cfg Config) (oauth.Secret, error) {
	path := a.options["password-file"]
	switch {
	case !a.password.IsZero():
		return a.password, nil
	case path == "":
		return cfg.Password, nil
	}
	text, err := readFile(path)
	if err != nil {
		return oauth.Secret{}, fmt.Errorf("the store's password cannot be read: %w", err)
	}
	line := strings.TrimRight(string(text), "\r\n")
	if line == "" || strings.ContainsAny(line, "\r\n\x00") {
		return oauth.Secret{}, fmt.Errorf("the store's password cannot be read: %s must hold one line, the password", path)
	}
	return oauth.NewSecret(line), nil
}

// authorities are the certificates of ca=; nil means the system's.
func (a *address) authorities() (*x509.CertPool, error) {
	path := a.options["ca"]
	if path == "" {
		return nil, nil
	}
	text, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("the store's ca= cannot be read: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("the store's ca= cannot be read: there is no PEM certificate in %s", path)
	}
	return pool, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path) // #nosec G304 -- password-file= and ca=: the caller's own file
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errors.New(path + " is too long")
	}
	return text, err
}
