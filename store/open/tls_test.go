package open_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/open"
)

// certificate is a server's, for 127.0.0.1 alone, signed by an authority of its own.
// The files can be read by the account that the server runs as.
type certificate struct{ ca, cert, key string }

func newCertificate(t *testing.T) certificate {
	t.Helper()
	dir, err := os.MkdirTemp("", "zcrm-tls-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	made := time.Now().Add(-time.Hour)
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: made, NotAfter: made.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "test server"}, NotBefore: made, NotAfter: made.AddDate(1, 0, 0),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	authorityKey, serverKey := newKey(), newKey()
	file := func(name, kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca, err := x509.CreateCertificate(rand.Reader, authority, authority, &authorityKey.PublicKey, authorityKey)
	c := certificate{ca: file("ca.pem", "CERTIFICATE", ca, err)}
	cert, err := x509.CreateCertificate(rand.Reader, server, authority, &serverKey.PublicKey, authorityKey)
	c.cert = file("cert.pem", "CERTIFICATE", cert, err)
	key, err := x509.MarshalPKCS8PrivateKey(serverKey)
	c.key = file("key.pem", "PRIVATE KEY", key, err)
	if os.Geteuid() == 0 { // servers do not run as root
		nobody, err := user.Lookup("nobody")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(nobody.Uid)
		gid, _ := strconv.Atoi(nobody.Gid)
		for _, path := range []string{c.cert, c.key, c.ca} {
			if err := os.Chown(path, uid, gid); err != nil {
				t.Fatal(err)
			}
		}
	}
	return c
}

// TestTLS: a server is believed by the authority that the URL names, and by no other,
// and only under the name that its certificate has.
func TestTLS(t *testing.T) {
	c := newCertificate(t)
	port := freePort(t)
	for name, server := range map[string]struct {
		url     string // as the server's own, with TLS asked for
		options string
		remedy  string
	}{
		"Redis": {
			strings.Replace(at(t, servertest.StartRedis(t, "tls-port "+port, "tls-cert-file "+c.cert, "tls-key-file "+c.key, "tls-auth-clients no").URL(), port), "redis:", "rediss:", 1),
			"?", "",
		},
		"MySQL":      {servertest.StartMariaDB(t, "ssl-cert="+c.cert, "ssl-key="+c.key, "ssl-ca="+c.ca).URL(), "?tls=verify&", "name the authority that signed it"},
		"PostgreSQL": {servertest.StartPostgres(t, "ssl = on", "ssl_cert_file = '"+c.cert+"'", "ssl_key_file = '"+c.key+"'").URL(), "?sslmode=verify-full&", "name the authority that signed it"},
	} {
		t.Run(name, func(t *testing.T) {
			base, _, _ := strings.Cut(server.url, "?")
			ca := "ca=" + c.ca
			s := mustOpen(t, base+server.options+ca, open.Config{})
			if _, err := s.Save(t.Context(), alice()); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Find(t.Context(), oauth.Token{UserName: "alice"}); err != nil || got.RefreshToken != alice().RefreshToken {
				t.Errorf("Find: %v, %v", got, err)
			}
			refused(t, base+strings.TrimSuffix(server.options, "&"), "unknown authority", server.remedy)
			refused(t, strings.Replace(base, "127.0.0.1", "localhost", 1)+server.options+ca, "localhost", "")
		})
	}
}

// refused wants a URL not to be opened, for a reason of certificates, with what to do,
// and the password not to be told.
func refused(t *testing.T, url, because, remedy string) {
	t.Helper()
	s, err := open.URL(t.Context(), strings.TrimSuffix(url, "?"), open.Config{})
	if err == nil {
		_, err = s.Find(t.Context(), alice())
		s.Close()
	}
	_, login, _ := strings.Cut(url, "//")
	login, _, _ = strings.Cut(login, "@")
	_, password, _ := strings.Cut(login, ":")
	if err == nil || !strings.Contains(err.Error(), "certificate") || !strings.Contains(err.Error(), because) || !strings.Contains(err.Error(), remedy) || strings.Contains(err.Error(), password) {
		t.Errorf("%v; want it refused because of the certificate's %s", err, because)
	}
}

// at is a URL with another port.
func at(t *testing.T, url, port string) string {
	t.Helper()
	colon := strings.LastIndexByte(url, ':')
	path := strings.IndexByte(url[colon:], '/')
	return url[:colon+1] + port + url[colon+path:]
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
