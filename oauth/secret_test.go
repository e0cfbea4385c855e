package oauth_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

const planted = "PLANTED-0123456789"

func ExampleSecret() {
	s := oauth.NewSecret("1000.refresh")
	fmt.Println(s)
	fmt.Printf("%v %+v %q %#v\n", s, s, s, s)
	fmt.Println(s == oauth.NewSecret("1000.refresh"), s.Reveal())
	// Output:
	// sha256:6a10100f190a
	// sha256:6a10100f190a sha256:6a10100f190a sha256:6a10100f190a oauth.Secret(sha256:6a10100f190a)
	// true 1000.refresh
}

func plantedToken() oauth.Token {
	s := oauth.NewSecret(planted)
	return oauth.Token{ID: "1", UserName: "u", ClientID: "c", ClientSecret: s, RedirectURL: "r", GrantToken: s, RefreshToken: s, AccessToken: s, Expiry: time.Unix(1, 0), APIDomain: "d"}
}

// Defects: D20.
func TestNothingPrintsASecret(t *testing.T) {
	type hidden struct {
		s oauth.Secret
		t oauth.Token
	}
	token := plantedToken()
	values := map[string]any{
		"secret": token.RefreshToken, "secret pointer": &token.RefreshToken, "token": token, "token pointer": &token,
		"row": token.Row(), "slice": []oauth.Token{token}, "map": map[string]oauth.Secret{"k": token.AccessToken},
		"unexported": hidden{s: token.AccessToken, t: token}, "nested": struct{ A any }{token},
		"unsaved": &oauth.UnsavedError{Token: token, Err: errors.New("disk full")},
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, planted) || strings.Contains(out, fmt.Sprintf("%x", planted)) || strings.Contains(out, fmt.Sprintf("%X", planted)) {
				t.Errorf("%s under %s shows the secret: %s", name, verb, out)
			}
		}
		var b bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
			slog.New(h).Info("x", "v", v)
		}
		if _, isRow := v.(oauth.Row); !isRow && strings.Contains(b.String(), planted) {
			t.Errorf("%s in a log shows the secret: %s", name, b.String())
		}
	}
}

func TestMarshallingIsAnErrorThatNamesTheWay(t *testing.T) {
	token := plantedToken()
	for _, v := range []any{token, &token, token.AccessToken, []oauth.Token{token}, struct{ S oauth.Secret }{token.AccessToken}} {
		if out, err := json.Marshal(v); err == nil || !strings.Contains(err.Error(), "token.Row()") {
			t.Errorf("json.Marshal(%T) = %s, %v", v, out, err)
		}
		if out, err := xml.Marshal(v); err == nil {
			t.Errorf("xml.Marshal(%T) = %s", v, out)
		}
		if err := gob.NewEncoder(&bytes.Buffer{}).Encode(v); err == nil {
			t.Errorf("gob encoded a %T", v)
		}
	}
	var back oauth.Token
	if err := json.Unmarshal([]byte(`{"id":"1"}`), &back); err == nil {
		t.Error("a Token was unmarshalled")
	}
	var s oauth.Secret
	if err := json.Unmarshal([]byte(`"x"`), &s); err == nil {
		t.Error("a Secret was unmarshalled")
	}
	out, err := json.Marshal(token.Row())
	if err != nil || !strings.Contains(string(out), planted) || !strings.Contains(string(out), `"user_name":"u"`) {
		t.Errorf("a Row is for marshalling: %s, %v", out, err)
	}
}

func TestEmptySecret(t *testing.T) {
	var zero oauth.Secret
	if zero != oauth.NewSecret("") || zero.Reveal() != "" || zero.String() != "" || zero.Hash() != "" || !zero.IsZero() {
		t.Error("the zero Secret is not the empty secret")
	}
	if oauth.NewSecret("a") == oauth.NewSecret("b") || oauth.NewSecret("a") == zero {
		t.Error("different secrets are equal")
	}
}
