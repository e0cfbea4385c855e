package redaction

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// kinds are the secrets that there are. Each is planted as a text of its own, so
// that a find says what was shown.
func kinds() []string {
	return []string{"client-secret", "grant", "refresh", "access", "password", "verifier", "old-access"}
}

// plant is the text of a secret. It has characters that encoders change; none is a
// quote, since MySQL's and a URL's forms of those differ.
func plant(kind string) string { return "1000.pLaNtEd/" + kind + "+Z0" }

func secret(kind string) oauth.Secret { return oauth.NewSecret(plant(kind)) }

// token has a secret wherever it can.
func aToken() oauth.Token {
	return oauth.Token{
		ID: "7", UserName: "alice", ClientID: "1000.CLIENT", RedirectURL: "http://localhost/cb", APIDomain: "https://www.zohoapis.com",
		ClientSecret: secret("client-secret"), GrantToken: secret("grant"), RefreshToken: secret("refresh"), AccessToken: secret("access"),
	}
}

// finder searches texts for secrets.
type finder struct{ forms map[string]string } // what to look for, and what that is

// newFinder looks for the planted secrets and for more of them, by name.
func newFinder(more map[string]string) finder {
	f := finder{forms: map[string]string{}}
	for _, kind := range kinds() {
		f.add(kind, plant(kind))
	}
	for name, text := range more {
		f.add(name, text)
	}
	return f
}

// add knows the forms in which Go's packages write a text: as it is, quoted, with
// percent signs, in hex, as numbers of bytes, in base64.
func (f finder) add(name, text string) {
	decimal, hexList, spaced := make([]string, len(text)), make([]string, len(text)), make([]string, len(text))
	for i := range len(text) {
		decimal[i], hexList[i], spaced[i] = strconv.Itoa(int(text[i])), fmt.Sprintf("%#x", text[i]), fmt.Sprintf("%x", text[i])
	}
	for form, as := range map[string]string{
		"":             text,
		"quoted":       strings.Trim(strconv.Quote(text), `"`),
		"query":        url.QueryEscape(text),
		"path":         url.PathEscape(text),
		"hex":          hex.EncodeToString([]byte(text)),
		"HEX":          strings.ToUpper(hex.EncodeToString([]byte(text))),
		"bytes":        strings.Join(decimal, " "),
		"JSON bytes":   strings.Join(decimal, ","),
		"Go bytes":     strings.Join(hexList, ", "),
		"spaced hex":   strings.Join(spaced, " "),
		"base64":       middle64(text, 0),
		"base64 at 1":  middle64(text, 1),
		"base64 at 2":  middle64(text, 2),
		"half of it":   text[:len(text)/2+3],
		"its end":      text[len(text)/2-3:],
		"URL password": ":" + url.QueryEscape(text) + "@",
	} {
		f.forms[as] = strings.TrimSpace(name + " " + form)
	}
}

// middle64 is what stands in base64 for the text wherever it begins in a group.
func middle64(text string, offset int) string {
	coded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + text))
	return coded[4 : len(coded)-4]
}

// in names the secrets that stand in a text.
func (f finder) in(text string) []string {
	var found []string
	for form, name := range f.forms {
		if strings.Contains(text, form) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// The finder finds.
func TestFinder(t *testing.T) {
	f := newFinder(map[string]string{"key": "kkkkkkkkkkkkkkkkkkkkkkkkk"})
	s := plant("refresh")
	for _, text := range []string{
		s, fmt.Sprintf("%q", s), fmt.Sprintf("%x", s), fmt.Sprintf("%X", s), fmt.Sprintf("% x", s), fmt.Sprint([]byte(s)), fmt.Sprintf("%#v", []byte(s)),
		fmt.Sprintf("%v", oauth.Token{UserName: s}), "u=" + url.QueryEscape(s), url.UserPassword("u", s).String(),
		base64.StdEncoding.EncodeToString([]byte("ab" + s + "c")), base64.URLEncoding.EncodeToString([]byte("a" + s)), strings.Repeat("k", 25),
	} {
		if len(f.in("xx "+text+" yy")) == 0 {
			t.Errorf("it is not found in %s", text)
		}
	}
	if found := f.in(fmt.Sprint(aToken(), "1000.CLIENT", "planted", "refresh")); len(found) > 0 {
		t.Errorf("found where it is not: %q", found)
	}
}
