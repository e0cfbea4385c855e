package cli

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// With --ca-file the name in the certificate still counts, and so does the version.
//
// Defects: D19.
func TestCAFileVerifies(t *testing.T) {
	r := newRig(t)
	for what, c := range map[string]struct {
		settings   *tls.Config
		host, want string
	}{
		"another host": {nil, "localhost", "not localhost"},
		"TLS 1.1":      {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "127.0.0.1", "protocol version"},
	} {
		web := httptest.NewUnstartedServer(r.sim.Server)
		web.TLS = c.settings
		web.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that fail on purpose
		web.StartTLS()
		defer web.Close()
		file := filepath.Join(r.dir, "ca.pem")
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		r.env["ZCRM_ACCOUNTS_URL"] = strings.Replace(web.URL, "127.0.0.1", c.host, 1)
		before := r.sim.Counters().TokenRequests
		got := r.run(r.sim.Grant("alice"), "login", "--grant-token", "-", "--ca-file", file)
		if got.code != exitFailed || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: exit code %d: %s", what, got.code, got.stderr)
		}
		if n := r.sim.Counters().TokenRequests - before; n != 0 {
			t.Errorf("%s: %d requests were sent", what, n)
		}
	}
}

// No flag of any command turns the verification of certificates off.
func TestNoSwitchTurnsVerificationOff(t *testing.T) {
	flags := 0
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		look := func(f *pflag.Flag) {
			flags++
			for _, word := range []string{"insecure", "verify", "skip", "no-tls", "no-check", "trust"} {
				if strings.Contains(f.Name, word) {
					t.Errorf("%s has a flag --%s", cmd.CommandPath(), f.Name)
				}
			}
		}
		cmd.LocalFlags().VisitAll(look)
		cmd.PersistentFlags().VisitAll(look)
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRootCmd(newApp(nil, io.Discard, io.Discard, nil)))
	if flags < 40 {
		t.Errorf("only %d flags were looked at", flags)
	}
}
