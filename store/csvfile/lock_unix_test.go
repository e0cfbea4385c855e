//go:build unix

package csvfile_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"zohocrm/oauth"
)

// TestLockPlanted: whatever stands in the place of the lock, or of its folder, is not
// waited for and not followed: writing fails at once and says what to remove.
func TestLockPlanted(t *testing.T) {
	const theirs = "somebody else's"
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, theirs, 0o600)
	missing := filepath.Join(t.TempDir(), "missing")
	for kind, plant := range map[string]func(at string) error{
		"link":            func(at string) error { return os.Symlink(outside, at) },
		"link to nothing": func(at string) error { return os.Symlink(missing, at) },
		"link to itself":  func(at string) error { return os.Symlink(at, at) },
		"link to a pipe": func(at string) error {
			return errors.Join(syscall.Mkfifo(at+".pipe", 0o600), os.Symlink(at+".pipe", at))
		},
		"pipe": func(at string) error { return syscall.Mkfifo(at, 0o600) },
	} {
		for _, place := range []string{".zcrm", ".zcrm/lock"} {
			t.Run(kind+" as "+place, func(t *testing.T) {
				path := location(t)
				if place != ".zcrm" {
					if err := os.Mkdir(path+".zcrm", 0o700); err != nil {
						t.Fatal(err)
					}
				}
				if err := plant(path + place); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				s := open(t, path)
				_, err := s.Save(ctx, oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("r")})
				for what, err := range map[string]error{"Save": err, "Probe": s.Probe(ctx), "DeleteAll": s.DeleteAll(ctx)} {
					if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), path+place) || !strings.Contains(err.Error(), "remove it") {
						t.Errorf("%s: %v", what, err)
					}
				}
				if got := read(t, outside); got != theirs {
					t.Errorf("the file outside is now %q", got)
				}
				for _, name := range []string{missing, path} {
					if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
						t.Errorf("%s was made", name)
					}
				}
				// Removed, it is forgotten.
				if err := os.Remove(path + place); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Save(ctx, oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("r")}); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestLockFolderOfAnother: who owns the folder could put another file in the place of
// the one that is being written there.
func TestLockFolderOfAnother(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only an administrator can give a folder away")
	}
	path := location(t)
	s := open(t, path)
	if err := errors.Join(os.Mkdir(path+".zcrm", 0o777), os.Chown(path+".zcrm", 12345, -1)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(t.Context(), oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("r")}); !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "belongs to user 12345") {
		t.Errorf("Save: %v", err)
	}
	// That of the file's own owner is used.
	write(t, path, "id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain\n", 0o600)
	if err := os.Chown(path, 12345, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(t.Context(), oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("r")}); err != nil {
		t.Error(err)
	}
}
