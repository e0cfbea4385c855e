package cli

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"zohocrm/oauth"
)

func TestLogLines(t *testing.T) {
	var out bytes.Buffer
	a := newApp(nil, nil, &out, nil)
	a.set.level = slog.LevelInfo
	log := a.logger()
	secret := oauth.NewSecret(plantedSecret)
	token := oauth.Token{ID: "1", UserName: "alice", ClientSecret: secret, RefreshToken: secret, AccessToken: secret, Expiry: time.Unix(1700000000, 0)}
	log.Debug("not told")
	log.Info("one\nline", "n", 1, "text", "two words", "empty", "")
	log.Warn("a secret", "secret", secret)
	log.Error("a token", "token", token)
	log.With("who", "alice").WithGroup("g").Warn("nested", "x", 1, slog.Group("h", "y", 2))
	want := `zcrm: info: one line (n=1, text="two words")
zcrm: warning: a secret (secret=` + secret.Fingerprint() + `)
zcrm: error: a token (token.id=1, token.user=alice, token.refresh=` + secret.Fingerprint() + `, token.access=` + secret.Fingerprint() + `, token.expiry=2023-11-14T22:13:20Z)
zcrm: warning: nested (who=alice, g.x=1, g.h.y=2)
`
	if out.String() != want {
		t.Errorf("got:\n%swant:\n%s", out.String(), want)
	}
	if findSecret(out.String()) != "" {
		t.Error("a secret was logged")
	}
}

func TestParseLevel(t *testing.T) {
	for text, want := range map[string]slog.Level{
		"debug": slog.LevelDebug, "INFO": slog.LevelInfo, "warn": slog.LevelWarn, "warning": slog.LevelWarn, "error": slog.LevelError, "off": levelOff,
	} {
		if got, ok := parseLevel(text); !ok || got != want {
			t.Errorf("%s: %v, %t", text, got, ok)
		}
	}
	if _, ok := parseLevel("loud"); ok {
		t.Error("loud is no level")
	}
}
