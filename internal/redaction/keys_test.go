package redaction

import (
	"encoding/json"
	"os"
	"testing"

	"zohocrm/store/sealed/keys"
)

// keyMaterial is every long text of a file of keys: the keys, as they stand there.
func keyMaterial(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal("the file of keys is no JSON")
	}
	var found []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) >= 32 {
				found = append(found, v)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		case map[string]any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(document)
	if len(found) == 0 {
		t.Fatal("there is no key in the file of keys")
	}
	return found
}

// TestKeysAreMute: keys in all that package keys gives out, and in the errors of a
// file and a variable that are spoilt.
func TestKeysAreMute(t *testing.T) {
	path := t.TempDir() + "/keys.json"
	cfg := keys.Config{}
	if _, err := keys.Create(t.Context(), path, cfg); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Rotate(t.Context(), path, cfg); err != nil {
		t.Fatal(err)
	}
	f := newFinder(nil)
	for _, text := range keyMaterial(t, path) {
		f.add("key", text)
	}
	set, err := keys.Open(t.Context(), path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	mute(t, f, "keys.Set", set)
	ring := set.Ring()
	mute(t, f, "keys.Ring", ring)
	all, err := keys.Check(t.Context(), path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	mute(t, f, "keys.Info", all)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"cut": string(whole[:len(whole)-20]), "prefixed": "x" + string(whole), "doubled": string(whole) + string(whole)} {
		spoilt := t.TempDir() + "/keys.json"
		if err := os.WriteFile(spoilt, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		env := keys.Config{LookupEnv: func(string) (string, bool) { return text, true }}
		for source, cfg := range map[string]keys.Config{spoilt: cfg, "env:KEYS": env} {
			_, err := keys.Open(t.Context(), source, cfg)
			if err == nil {
				t.Errorf("%s: %s was opened", name, source)
			}
			muteError(t, f, name, err)
		}
	}
}
