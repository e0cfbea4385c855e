package csvfile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"zohocrm/oauth"
)

// header is the golden form's first line.
const header = "id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain\n"

// three is a file of three users.
const three = header +
	"1,alice,c,s,ra,aa,,1795308985119,,https://www.zohoapis.com\n" +
	"2,bob,c,s,rb,ab,,1795308985119,,https://www.zohoapis.com\n" +
	"3,carol,c,s,rc,ac,,1795308985119,,https://www.zohoapis.com\n"

// rig is a store for which no time passes but when it waits: each wait moves its
// clock, and lets a foreign program take its next step. The file's times are by
// the same clock.
type rig struct {
	*Store
	t      *testing.T
	begin  time.Time
	ahead  time.Duration // how much time has passed
	waits  int
	during func(wait int) // what another program does in each wait, from 1
}

func newRig(t *testing.T, path string) *rig {
	t.Helper()
	s, err := New(Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{Store: s, t: t, begin: time.Now()}
	s.clock = func() time.Time { return r.begin.Add(r.ahead) }
	s.pause = func(ctx context.Context, d time.Duration) error {
		r.ahead += d
		r.waits++
		if r.during != nil {
			r.during(r.waits)
		}
		return ctx.Err()
	}
	return r
}

// rewrite writes to the file in place, as the SDKs do.
func (r *rig) rewrite(content string) {
	r.t.Helper()
	if err := os.WriteFile(r.path, []byte(content), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.setAge(0)
}

// extend appends, as an SDK does that goes on writing.
func (r *rig) extend(more string) {
	r.t.Helper()
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(more); err != nil {
		r.t.Fatal(err)
	}
	r.setAge(0)
}

// setAge makes the file's last change that long ago.
func (r *rig) setAge(age time.Duration) {
	r.t.Helper()
	at := r.clock().Add(-age)
	if err := os.Chtimes(r.path, at, at); err != nil {
		r.t.Fatal(err)
	}
}

// newFile is a file whose last change is that long ago.
func newFile(t *testing.T, content string, age time.Duration) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens.csv")
	at := time.Now().Add(-age)
	if err := errors.Join(os.WriteFile(path, []byte(content), 0o600), os.Chtimes(path, at, at)); err != nil {
		t.Fatal(err)
	}
	return path
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// finds wants the user's access token, and no piece of the last column.
func (r *rig) finds(user, access string) {
	r.t.Helper()
	got, err := r.Find(r.t.Context(), oauth.Token{UserName: user})
	if err != nil || got.AccessToken.Reveal() != access || !slices.Contains([]string{"", "https://www.zohoapis.com"}, got.APIDomain) {
		r.t.Errorf("Find of %s: %v, %v", user, got, err)
	}
}

// saves gives a user a new access token.
func (r *rig) saves(user, access string) {
	r.t.Helper()
	if _, err := r.Save(r.t.Context(), oauth.Token{UserName: user, AccessToken: oauth.NewSecret(access), RefreshToken: oauth.NewSecret("r" + user[:1])}); err != nil {
		r.t.Errorf("Save of %s: %v", user, err)
	}
}
