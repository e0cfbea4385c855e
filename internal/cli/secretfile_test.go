package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestAClientSecretThatOthersCanReadIsTold(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	r := newRig(t)
	file := filepath.Join(r.dir, "client-secret")
	if err := os.WriteFile(file, []byte(plantedSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	delete(r.env, "ZCRM_CLIENT_SECRET")
	for mode, told := range map[os.FileMode]int{0o600: 0, 0o400: 0, 0o640: 1, 0o604: 1, 0o644: 1, 0o444: 1, 0o620: 1} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		got := r.run(r.sim.Grant("alice"), "login", "--grant-token", "-", "--client-secret-file", file)
		if got.code != exitOK {
			t.Errorf("%04o: exit code %d: %s", mode, got.code, got.stderr)
		}
		if n := strings.Count(got.stderr, "chmod 600 "+file); n != told {
			t.Errorf("%04o: told %d times: %q", mode, n, got.stderr)
		}
		r.sim.Advance(11 * 60e9) // Zoho gives ten refresh tokens in ten minutes
	}
}
