package mysql_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/mysql"
)

// TestSocket: localhost without a password finds the socket, where the server knows
// the user of this machine; else it goes on to TCP.
func TestSocket(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the server's root is this machine's root")
	}
	ctx := context.Background()
	socket := servertest.MySQLSocket(t)
	cfg := mysql.Config{Database: config(t, servertest.MySQL(t)).Database}
	s, err := mysql.OpenAmong(ctx, cfg, []string{"/nowhere/s", filepath.Join(t.TempDir(), "file"), socket})
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, user("alice"))
	if found := inspect(t, s); len(found) != 0 {
		t.Errorf("found %v", found)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	cfg.Socket = socket
	if _, err := open(t, cfg).Find(ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Error(err)
	}
	// Somebody else's port or a password asks for TCP.
	cfg.Socket = ""
	cfg.Port = closedPort(t)
	_, err = mysql.OpenAmong(ctx, cfg, []string{socket})
	says(t, err, "connection refused")
	// A socket that nobody listens on is passed over.
	dead := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", dead)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	s, err = mysql.OpenAmong(ctx, mysql.Config{Database: cfg.Database}, []string{dead, socket})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestTLS: verified when asked, used where offered, reported when it is not verified.
//
// Defects: D18.
func TestTLS(t *testing.T) {
	ctx := context.Background()
	folder := certificates(t)
	server := servertest.StartMariaDB(t, "ssl-ca="+folder+"/ca.pem", "ssl-cert="+folder+"/cert.pem", "ssl-key="+folder+"/key.pem")
	cfg := config(t, server.URL())

	cipher := func(cfg mysql.Config) (string, map[string]bool) {
		t.Helper()
		s := open(t, cfg)
		save(t, s, user("alice"))
		codes := map[string]bool{}
		for code := range inspect(t, s) {
			codes[code] = true
		}
		return value(t, rawDB(t, server.URL(), ""), "SELECT count(*) FROM information_schema.PROCESSLIST"), codes
	}
	if _, codes := cipher(cfg); !codes["tls-unverified"] || codes["tls-off"] {
		t.Errorf("by default: %v", codes)
	}
	cfg.TLS = mysql.TLSOff
	if _, codes := cipher(cfg); codes["tls-unverified"] || !codes["tls-off"] {
		t.Errorf("off: %v", codes)
	}
	cfg.TLS = mysql.TLSVerify
	_, err := mysql.Open(ctx, cfg)
	says(t, err, "certificate signed by unknown authority")
	cfg.CAFile = folder + "/ca.pem"
	if _, codes := cipher(cfg); codes["tls-unverified"] || codes["tls-off"] {
		t.Errorf("verified: %v", codes)
	}
	cfg.Host = "localhost" // the certificate is for 127.0.0.1
	_, err = mysql.Open(ctx, cfg)
	says(t, err, "wanted to match localhost")
	cfg.CAFile = folder + "/key.pem"
	if _, err := mysql.Open(ctx, cfg); err == nil {
		t.Error("a key was taken for a certificate")
	}
	cfg.CAFile = folder + "/none.pem"
	if _, err := mysql.Open(ctx, cfg); err == nil {
		t.Error("a file that is missing was taken for a certificate")
	}
}

// certificates makes an authority and a certificate of 127.0.0.1, in a folder that
// the server's account can read.
func certificates(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "zcrm-tls-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	newKey := func() *ecdsa.PrivateKey {
		t.Helper()
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	caKey, key := newKey(), newKey()
	der, err := x509.CreateCertificate(rand.Reader, authority, authority, &caKey.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	write("ca.pem", "CERTIFICATE", der)
	if der, err = x509.CreateCertificate(rand.Reader, server, authority, &key.PublicKey, caKey); err != nil {
		t.Fatal(err)
	}
	write("cert.pem", "CERTIFICATE", der)
	if der, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		t.Fatal(err)
	}
	write("key.pem", "PRIVATE KEY", der)
	return folder
}
