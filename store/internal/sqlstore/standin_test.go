package sqlstore

import (
	"fmt"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// TestStandIn: where user_name is NOT NULL, nobody is stored as a text that reads as
// nobody, and differs between logins. Elsewhere such a text is a name.
func TestStandIn(t *testing.T) {
	strict, usual := layout{nameless: true}, layout{}
	login := oauth.Row{ID: "1", RefreshToken: "1000.r"}
	stored := strict.stored(login)
	if want := "unnamed:" + oauth.NewSecret("1000.r").Fingerprint(); stored.UserName != want {
		t.Errorf("stored as %q, want %q", stored.UserName, want)
	}
	if other := strict.stored(oauth.Row{ID: "2", GrantToken: "1000.g"}); other.UserName == stored.UserName || !isStandIn(other.UserName) {
		t.Errorf("another login is stored as %q", other.UserName)
	}
	if got := strict.read(stored); got != login {
		t.Errorf("read as %v, want %v", got, login)
	}
	if got := usual.read(stored); got != stored || usual.stored(login) != login {
		t.Errorf("where NULL is possible: %v and %v", got, usual.stored(login))
	}
	for _, name := range []string{"", "unnamed:", "unnamed:sha256:", "unnamed:sha256:0123456789aB", "unnamed:sha256:0123456789abc", "alice"} {
		if isStandIn(name) {
			t.Errorf("%q is taken for nobody", name)
		}
	}
}

// TestOldTables are told by what they lack, where they are met at all.
func TestOldTables(t *testing.T) {
	shape := func(columns string) Shape {
		s := Shape{Exists: true, UniqueID: true}
		for _, name := range strings.Fields(columns) {
			s.Columns = append(s.Columns, Column{Name: name})
		}
		return s
	}
	const (
		six  = "id user_mail client_id refresh_token access_token grant_token expiry_time"
		nine = six + " client_secret redirect_url"
	)
	for columns, want := range map[string]string{
		six:                    "true false",
		nine:                   "false true",
		nine + " api_domain":   "false false",
		six + " client_secret": "no column redirect_url, api_domain",
		"id user_name client_id client_secret refresh_token access_token grant_token expiry_time redirect_url":           "no column api_domain",
		"id user_mail user_name client_id client_secret refresh_token access_token grant_token expiry_time redirect_url": "no column api_domain",
	} {
		l, err := newLayout(Dialect{OldTables: true}, "t", shape(columns))
		got := fmt.Sprint(l.readOnly, l.domainBeside)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s; want %s", columns, got, want)
		}
		if _, err := newLayout(Dialect{}, "t", shape(columns)); err == nil {
			t.Errorf("%s is taken where old tables are not met", columns)
		}
	}
}

// TestKeptIsBounded: an update has a text for each set of columns, and not all of
// them stay prepared.
func TestKeptIsBounded(t *testing.T) {
	var k kept
	for i := range 3 * keptSize {
		k.statement(fmt.Sprint("read ", i), keptReads)
	}
	if wanted := k.take(); len(wanted) != keptReads {
		t.Errorf("%d statements that read are wanted, want %d", len(wanted), keptReads)
	}
	k = kept{}
	for i := range 3 * keptSize {
		if k.statement(fmt.Sprint(i), keptSize) != nil {
			t.Fatal("a statement that nobody has prepared")
		}
	}
	wanted := k.take()
	if len(wanted) != keptSize || len(k.take()) != 0 {
		t.Errorf("%d statements are wanted, want %d once", len(wanted), keptSize)
	}
	k.drop(wanted[:1])
	if k.statement(wanted[0], keptSize); len(k.take()) != 1 {
		t.Error("what could not be prepared is not wanted again")
	}
}
