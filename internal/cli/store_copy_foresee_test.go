package cli

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"zohocrm/internal/servertest"
)

// A dry run refuses what the copy refuses then, of what is too long or of characters
// that a table has no place for, whether the table is there already or not.
func TestDryRunRefusesWhatTheCopyRefuses(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain\n")
	for i, name := range []string{"bob", "josé €", "Łukasz", "a😀", strings.Repeat("x", 300), strings.Repeat("é", 255), strings.Repeat("y", 4097)} {
		id := strconv.Itoa(i + 1)
		b.WriteString(id + "," + name + ",1000.SIM,s,refresh-" + id + ",access-" + id + ",,1700000000000,,https://www.zohoapis.com\n")
	}
	from := filepath.Join(t.TempDir(), "from.csv")
	if err := os.WriteFile(from, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	targets := map[string]string{"an empty database of MySQL": servertest.MySQL(t), "no file": "csv:" + filepath.Join(t.TempDir(), "to.csv")}
	for _, set := range []string{"latin1", "ascii", "utf8mb3", "utf8mb4"} {
		targets[set] = servertest.MySQL(t)
		execAll(t, rawServer(t, targets[set]), foreignTable()[0]+" CHARACTER SET "+set)
	}
	for _, storeURL := range allStores(t) {
		targets[scheme(storeURL)] = storeURL
	}
	for name, to := range targets {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			args := []string{"store", "copy", "--from", "csv:" + from, "--to", to, "--json"}
			dry := r.run("", append(args, "--dry-run")...)
			real := r.run("", args...)
			_, foreseen, ok := strings.Cut(dry.stdout, `"read"`)
			_, done, _ := strings.Cut(real.stdout, `"read"`)
			if !ok || foreseen != done || dry.code != real.code || real.code != exitFailed {
				t.Errorf("foreseen with code %d: %s\ndone with code %d: %s%s", dry.code, foreseen, real.code, done, real.stderr)
			}
		})
	}
}
