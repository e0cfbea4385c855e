package oauth_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

func TestColumnsAreTheRowsFieldsInOrder(t *testing.T) {
	typ := reflect.TypeFor[oauth.Row]()
	for i, name := range oauth.Columns() {
		if tag := typ.Field(i).Tag.Get("json"); tag != name {
			t.Errorf("column %d is %q, field is %q", i, name, tag)
		}
	}
	var v [10]string
	for i := range v {
		v[i] = string(rune('a' + i))
	}
	if got := oauth.RowOf(v).Values(); got != v {
		t.Errorf("RowOf and Values: %v", got)
	}
	versions := map[string]bool{oauth.RowOf(v).Version(): true}
	for i := range v {
		w := v
		w[i] += "x"
		versions[oauth.RowOf(w).Version()] = true
	}
	w := v
	w[1], w[2] = "bc", "" // the same characters in other columns
	versions[oauth.RowOf(w).Version()] = true
	if len(versions) != 12 {
		t.Errorf("%d versions for 12 different rows", len(versions))
	}
}

func TestExpiry(t *testing.T) {
	for text, ok := range map[string]bool{
		"": true, "0": true, "1795308985119": true, "1795308985119.0": true, "1.795e12": false, "abc": false, "-1": false,
		"99999999999999999": false, "1795308985119.0x": false, " 1795308985119": false,
	} {
		got, err := oauth.Row{ID: "7", ExpiryTime: text}.Token()
		if (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && (!errors.Is(err, oauth.ErrCorrupt) || strings.Contains(err.Error(), text)) {
			t.Errorf("%q: %v", text, err)
		}
		if strings.HasPrefix(text, "1795308985119") && ok && !got.Expiry.Equal(time.UnixMilli(1795308985119)) {
			t.Errorf("%q: %v", text, got.Expiry)
		}
	}
}

func FuzzRow(f *testing.F) {
	f.Add("1", "alice", "c", "s", "r", "a", "g", "1795308985119", "https://x/?a=1,2", "https://www.zohoapis.com")
	f.Add("", "", "", "", "", "", "", "0", "", "")
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i, j, k string) {
		row := oauth.RowOf([10]string{a, b, c, d, e, g, h, i, j, k})
		token, err := row.Token()
		if err != nil {
			if !errors.Is(err, oauth.ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		again, err := token.Row().Token()
		if err != nil {
			t.Fatal(err)
		}
		again.Version = token.Version // the text of the expiry may have been written otherwise
		if again != token {
			t.Errorf("%v became %v", token, again)
		}
	})
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		row    oauth.Row
		column string
	}{
		{oauth.Row{UserName: "O'Brien, \"a\" \\ é 🙂"}, ""},
		{oauth.Row{UserName: strings.Repeat("🙂", 255)}, ""},
		{oauth.Row{UserName: strings.Repeat("x", 256)}, "user_name"},
		{oauth.Row{ClientSecret: "a\nb"}, "client_secret"},
		{oauth.Row{RefreshToken: "a\x00b"}, "refresh_token"},
		{oauth.Row{APIDomain: "https://www.zohoapis.eu\r"}, "api_domain"},
		{oauth.Row{AccessToken: "\xff"}, "access_token"},
		{oauth.Token{AccessToken: oauth.NewSecret("a"), Expiry: time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)}.Row(), "expiry_time"},
		{oauth.Token{AccessToken: oauth.NewSecret("a"), Expiry: time.UnixMilli(0)}.Row(), "expiry_time"},
		{oauth.Token{AccessToken: oauth.NewSecret("a"), Expiry: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}.Row(), "expiry_time"},
		{oauth.Row{ExpiryTime: "soon"}, "expiry_time"},
	} {
		err := c.row.Check(255)
		var v *oauth.ValueError
		if c.column == "" && err != nil || c.column != "" && (!errors.As(err, &v) || v.Column != c.column || !errors.Is(err, oauth.ErrInvalidValue)) {
			t.Errorf("%q: %v, want column %q", c.row.Values(), err, c.column)
		}
	}
}

// Defects: D1.
func TestNextID(t *testing.T) {
	for _, c := range []struct {
		highest int64
		text    bool
		textMax string
		want    string
	}{
		{0, false, "", "1"}, {9, false, "", "10"}, {41, false, "", "42"},
		{0, true, "", "1"}, {8, true, "8", "9"}, {5, true, "5", "6"},
		{9, true, "9", "900000001"}, {10, true, "9", "900000001"}, {10, true, "10", "900000001"},
		{99, true, "99", "990000001"}, {900000001, true, "900000001", "900000002"},
		{900000016, true, "900000016", "900000017"}, {950000000, true, "950000000", "950000001"},
		{900000005, true, "9", "900000006"}, // the row 900000005 was deleted and is remembered
	} {
		got, err := oauth.NextID(c.highest, c.text, c.textMax)
		if err != nil || got != c.want {
			t.Errorf("NextID(%d, %v, %q) = %q, %v; want %q", c.highest, c.text, c.textMax, got, err, c.want)
		}
	}
	if _, err := oauth.NextID(2147483646, false, ""); !errors.Is(err, oauth.ErrInvalidValue) {
		t.Errorf("past what the SDKs can read: %v", err)
	}
}

func TestADoubledIDIsNoticedByEveryKey(t *testing.T) {
	rows := oauth.RowsOf([]oauth.Token{{ID: "1", UserName: "alice", ClientID: "c"}, {ID: "1", UserName: "bob", ClientID: "c"}, {ID: "2", UserName: "carol"}})
	for _, partial := range []oauth.Token{{ID: "1"}, {UserName: "alice"}, {UserName: "bob", ClientID: "c"}} {
		if _, err := oauth.Resolve(partial, rows); !errors.Is(err, oauth.ErrAmbiguous) {
			t.Errorf("%v: %v", partial, err)
		}
	}
	if got, err := oauth.Resolve(oauth.Token{UserName: "carol"}, rows); err != nil || got.ID != "2" {
		t.Errorf("carol: %v, %v", got, err)
	}
}
