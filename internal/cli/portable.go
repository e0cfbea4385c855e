package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"zohocrm/oauth"
)

// portable is a token as "token export --reveal" and rescue files write it, and
// "token import" reads it: the SDKs' ten columns in plain text, and the side data
// that a login would have to find out again.
type portable struct {
	oauth.Row
	Scope       string `json:"scope,omitempty"`
	AccountsURL string `json:"accounts_url,omitempty"`
}

func portableOf(t oauth.Token) portable {
	return portable{Row: t.Row(), Scope: t.Scope, AccountsURL: t.AccountsURL}
}

func (p portable) token() (oauth.Token, error) {
	t, err := p.Row.Token()
	t.Version = "" // an import lays itself over what is there
	t.Scope, t.AccountsURL = p.Scope, p.AccountsURL
	return t, err
}

// maxImport bounds what is read of an import, in bytes: about 100,000 tokens.
const maxImport = 64 << 20

// readPortable reads one JSON object or an array of them. Its errors name the
// place and never what stands there.
func readPortable(r io.Reader) ([]oauth.Token, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxImport+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxImport {
		return nil, usagef("it is longer than %d MiB", maxImport>>20)
	}
	if !utf8.Valid(text) {
		return nil, usagef("it is not UTF-8: convert it, as with iconv -f latin1 -t utf-8")
	}
	var objects []map[string]json.RawMessage
	if json.Unmarshal(text, &objects) != nil {
		var one map[string]json.RawMessage
		if json.Unmarshal(text, &one) != nil {
			return nil, usagef("it is neither a JSON object nor an array of them")
		}
		objects = append(objects, one)
	}
	var tokens []oauth.Token
	for i, object := range objects {
		p, err := parsePortable(object)
		if err != nil {
			return nil, usagef("object %d: %v", i+1, err)
		}
		t, err := p.token()
		if err != nil {
			return nil, usagef("object %d: expiry_time is not a Unix time in milliseconds", i+1)
		}
		if t.SideKey() == "" {
			return nil, usagef("object %d: it has no refresh, grant or access token", i+1)
		}
		tokens = append(tokens, t)
	}
	if len(tokens) == 0 {
		return nil, usagef("there is no token in it")
	}
	return tokens, nil
}

// parsePortable takes strings and, as some SDKs write expiry_time and id, plain
// numbers. Unknown keys are mistakes more often than not.
func parsePortable(object map[string]json.RawMessage) (portable, error) {
	texts := map[string]string{}
	for _, key := range portableKeys() {
		text, err := scalar(object[key])
		if err != nil {
			return portable{}, fmt.Errorf("%s: %w", key, err)
		}
		texts[key] = text
		if _, shown := object[key+"_fingerprint"]; shown {
			return portable{}, errors.New("it holds fingerprints, from which no token can be made: use zcrm token export --reveal")
		}
	}
	for key := range object {
		if !slices.Contains(portableKeys(), key) {
			return portable{}, fmt.Errorf("a key of it is not known; known: %s", strings.Join(portableKeys(), ", "))
		}
	}
	var values [10]string
	for i, column := range oauth.Columns() {
		values[i] = texts[column]
	}
	return portable{Row: oauth.RowOf(values), Scope: texts["scope"], AccountsURL: texts["accounts_url"]}, nil
}

func portableKeys() []string { return append(oauth.Columns(), "scope", "accounts_url") }

// scalar is a text or a number as text; a key that is missing or null is empty.
func scalar(value json.RawMessage) (string, error) {
	if len(value) == 0 {
		return "", nil
	}
	var text *string
	if json.Unmarshal(value, &text) == nil {
		if text == nil {
			return "", nil
		}
		return *text, nil
	}
	var number json.Number
	if json.Unmarshal(value, &number) == nil {
		return number.String(), nil
	}
	return "", errors.New("it is neither a text nor a number")
}
