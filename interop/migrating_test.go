package interop

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The commands of docs/migrating.md work as they stand, one after the other, for a
// service that has twelve users in a file.
func TestInteropProgramMigratingPage(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the lines are for a shell with GNU's sed")
	}
	t.Parallel()
	p := startProgram(t)
	file, table := fileShelf(t), tableShelf(t, "")
	p.run(t, file.url, "login", "--grant-token", p.grant(t, alice))
	store := openFile(t, file.file)
	for user := 2; user <= 12; user++ {
		if _, err := store.Save(t.Context(), tokenOf(t, numbered(user))); err != nil {
			t.Fatal(err)
		}
	}
	asSDK(t, file.file)

	folder := t.TempDir()
	if err := os.Symlink(p.path, filepath.Join(folder, "zcrm")); err != nil {
		t.Fatal(err)
	}
	password := filepath.Join(folder, "db-password")
	if err := os.WriteFile(password, []byte(table.at.DB.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := table.at.DB
	named := strings.NewReplacer(
		"/srv/crm/sdk_tokens.txt", file.file, "/etc/crm/db-password", password,
		"mysql://crm@db.example.com/zohooauth", "mysql://"+db.User+"@"+db.Host+":"+db.Port+"/"+db.Database,
	)
	page, err := os.ReadFile(filepath.Join("..", "docs", "migrating.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```sh[^\n]*\n(.*?)^```").FindAllSubmatch(page, -1)
	if len(blocks) != 6 {
		t.Fatalf("the page has %d blocks of commands, want 6", len(blocks))
	}
	for i, block := range blocks {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "bash", "-eu", "-o", "pipefail", "-c", named.Replace(string(block[1])))
		cmd.Dir, cmd.WaitDelay = folder, time.Second
		cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "ZCRM_STORE=", "XDG_STATE_HOME="+folder,
			"ZCRM_ACCOUNTS_URL="+p.url, "ZCRM_API_URL="+p.url, "ZCRM_CLIENT_ID="+clientID, "ZCRM_CLIENT_SECRET="+clientSecret)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil {
			t.Fatalf("block %d: %v: %s", i+1, err, out.String())
		}
	}

	// The twelfth has the number with which the SDKs count on, in the table; the file
	// kept its own.
	inFile, inTable := goList(t, file.file), byID(rowsOf(t, table.open(t)))
	if len(inFile) != 12 || len(inTable) != 12 || inFile[11].ID != "12" || inTable[11].ID != "900000001" || inFile[11].UserName != inTable[11].UserName {
		t.Errorf("in the end the file holds %v, the table %v", inFile, inTable)
	}
}

// asSDK gives the rows of a file the numbers that an official SDK gives: one after
// the other, also past 9.
func asSDK(t *testing.T, file string) {
	t.Helper()
	id := 0
	rewrite(t, file, func(fields []string) {
		id++
		fields[0] = strconv.Itoa(id)
	})
}
