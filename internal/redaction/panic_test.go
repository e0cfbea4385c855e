package redaction

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/memory"
)

// dies names the panic with which a child process of this test ends.
const dies = "REDACTION_DIES_OF"

// deaths are panics of programs that hold secrets at that moment.
func deaths() map[string]func() {
	token := aToken()
	return map[string]func(){
		"a token":     func() { panic(token) },
		"its address": func() { panic(&token) },
		"a secret":    func() { panic(token.RefreshToken) },
		"an error":    func() { panic(&oauth.UnsavedError{Token: token, Err: errors.New("disk full")}) },
		"a wrapped error": func() {
			panic(fmt.Errorf("login: %w", &oauth.UnsavedError{Token: token, Err: errors.New("disk full")}))
		},
		"its text":  func() { panic(fmt.Sprintf("%+v", token)) },
		"log.Panic": func() { log.Panicf("%#v", token) },
		"log.Fatal": func() { log.Fatalf("%#v %s", token, []any{token}) },
		"a nil map": func() { writeTo(nil, token, token.AccessToken) },
		"a store":   func() { panic(fullStore(token)) },
	}
}

func fullStore(t oauth.Token) *memory.Store {
	s := memory.New(memory.Config{})
	t.ID = ""
	if _, err := s.Save(context.Background(), t); err != nil {
		fmt.Println("the store is empty")
		os.Exit(1) // no panic, which the parent notices
	}
	return s
}

// writeTo has secrets among its arguments, whose values a traceback shows.
//
//go:noinline
func writeTo(m map[string]oauth.Token, t oauth.Token, s oauth.Secret) { m[s.Fingerprint()] = t }

// TestPanicsAreMute: what the runtime writes when a program dies, with the stacks of
// all goroutines, tells no secret.
//
// Defects: D20.
func TestPanicsAreMute(t *testing.T) {
	if name := os.Getenv(dies); name != "" {
		deaths()[name]()
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := newFinder(nil)
	for name := range deaths() {
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestPanicsAreMute$")
		cmd.Env = append(os.Environ(), dies+"="+name, "GOTRACEBACK=system")
		said, err := cmd.CombinedOutput()
		var ended *exec.ExitError
		if !errors.As(err, &ended) || !strings.Contains(string(said), "panic") && name != "log.Fatal" {
			t.Errorf("%s: it ended with %v:\n%s", name, err, said)
		}
		if found := f.in(string(said)); len(found) > 0 {
			t.Errorf("%s: the panic shows %s:\n%s", name, strings.Join(found, ", "), said)
		}
	}
}
