package secretsmanager_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"example.com/outside/secretsmanager"
	"zohocrm/oauth"
	"zohocrm/store/storetest"
)

func open(url, secret string) (*secretsmanager.Store, error) {
	return secretsmanager.New(secretsmanager.Config{Secret: secret, Client: api.New(api.Options{
		Region: "eu-central-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	})})
}

func connected(t testing.TB, a *awsServer) *secretsmanager.Store {
	t.Helper()
	s, err := open(a.URL, "tokens")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The whole kit, eight processes included, against one Secrets Manager.
func TestStore(t *testing.T) {
	server := newAWS(t)
	var paths sync.Map // by store, for Corrupt
	storetest.Run(t, storetest.Backend{
		Location: func(testing.TB) string { return server.URL + " " + rand.Text() },
		OpenAt: func(_ context.Context, location string) (oauth.Store, error) {
			url, path, _ := strings.Cut(location, " ")
			s, err := open(url, path)
			paths.Store(s, path)
			return s, err
		},
		Corrupt: func(_ testing.TB, s oauth.Store, _ string) (stored func() string) {
			found, _ := paths.Load(s)
			path, _ := found.(string)
			server.set(path, "no JSON")
			return func() string { return server.latest(path) }
		},
		KeepsIDs: true,
		MaxChars: 255,
	})
}

func token(user string) oauth.Token {
	return oauth.Token{UserName: user, ClientID: "1000.CLIENT", RefreshToken: oauth.NewSecret("1000." + user), APIDomain: "https://www.zohoapis.com"}
}

func (a *awsServer) called() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Join(a.calls, " ")
}

// A secret that is not there is made; one that was made by other means, without a
// value, is filled.
func TestFirstVersion(t *testing.T) {
	server := newAWS(t)
	if _, err := connected(t, server).Save(t.Context(), token("alice")); err != nil {
		t.Fatal(err)
	}
	if got := server.called(); got != "GetSecretValue PutSecretValue CreateSecret" {
		t.Errorf("it called %s", got)
	}
	server = newAWS(t)
	server.set("tokens", "")
	if _, err := connected(t, server).Save(t.Context(), token("alice")); err != nil {
		t.Fatal(err)
	}
	if got := server.called(); got != "GetSecretValue PutSecretValue" {
		t.Errorf("it called %s", got)
	}
}

// An answer that is lost costs a repetition, not a second change.
func TestLostAnswer(t *testing.T) {
	server := newAWS(t)
	s, err := secretsmanager.New(secretsmanager.Config{Secret: "tokens", Client: api.New(api.Options{
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	})})
	if err != nil {
		t.Fatal(err)
	}
	alice, err := s.Save(t.Context(), token("alice"))
	if err != nil {
		t.Fatal(err)
	}
	server.mu.Lock()
	server.lose = 1
	server.mu.Unlock()
	alice.AccessToken = oauth.NewSecret("1000.new")
	saved, err := s.Save(t.Context(), alice)
	if err != nil || saved.AccessToken != alice.AccessToken {
		t.Errorf("a Save whose first answer was lost: %v, %v", saved, err)
	}
	if got := server.called(); !strings.HasSuffix(got, "GetSecretValue PutSecretValue PutSecretValue") {
		t.Errorf("it called %s", got)
	}
}

func TestDamageIsNotWrittenOver(t *testing.T) {
	for _, damage := range []string{`{"password":"planted"}`, `planted`, `{"change":"x","rows":[{"id":"1","expiry_time":"planted"}]}`} {
		server := newAWS(t)
		server.set("tokens", damage)
		s := connected(t, server)
		before := server.latest("tokens")
		_, saved := s.Save(t.Context(), token("alice"))
		_, listed := oauth.All(t.Context(), s)
		for _, err := range []error{saved, listed, s.DeleteAll(t.Context()), s.Probe(t.Context())} {
			if !errors.Is(err, oauth.ErrCorrupt) || strings.Contains(fmt.Sprint(err), "planted") {
				t.Errorf("%v", err)
			}
		}
		if server.latest("tokens") != before {
			t.Error("it was written over")
		}
	}
}

// A label that was moved back by hand stops the store, which says so.
func TestLabelMovedBack(t *testing.T) {
	server := newAWS(t)
	s := connected(t, server)
	if _, err := s.Save(t.Context(), token("alice")); err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(server.latest("tokens"), " ")
	if _, err := s.Save(t.Context(), token("bob")); err != nil {
		t.Fatal(err)
	}
	server.mu.Lock()
	server.secrets["tokens"].current = first
	server.mu.Unlock()
	_, err := s.Save(t.Context(), token("carol"))
	if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "current again by hand") {
		t.Errorf("%v", err)
	}
}

// What is full says so before anything is sent.
func TestFull(t *testing.T) {
	server := newAWS(t)
	s := connected(t, server)
	n := 0
	for ; n < 500; n++ {
		long := token(fmt.Sprint("user", n))
		long.AccessToken, long.Scope = oauth.NewSecret(strings.Repeat("x", 70)), strings.Repeat("s", 200)
		if _, err := s.Save(t.Context(), long); err != nil {
			if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "may have 65536") {
				t.Errorf("%v", err)
			}
			break
		}
	}
	all, err := oauth.All(t.Context(), s)
	if err != nil || len(all) != n || n < 50 || n == 500 {
		t.Errorf("%d tokens fit, %d are there, %v", n, len(all), err)
	}
}

func TestWhatAWSRefuses(t *testing.T) {
	server := newAWS(t)
	s, err := secretsmanager.New(secretsmanager.Config{Secret: "tokens", Client: api.New(api.Options{
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("OTHER", "planted", ""),
	})})
	if err != nil {
		t.Fatal(err)
	}
	_, found := s.Get(t.Context(), "1")
	for _, err := range []error{found, s.Probe(t.Context())} {
		if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "UnrecognizedClientException") || strings.Contains(err.Error(), "planted") {
			t.Errorf("%v", err)
		}
	}
	if _, err := secretsmanager.New(secretsmanager.Config{}); err == nil {
		t.Error("no client is taken")
	}
}

// The two files that are no more about AWS than about Vault are the same there.
func TestSameStoreAsForVault(t *testing.T) {
	for _, file := range []string{"store.go", "document.go"} {
		here, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		there, err := os.ReadFile("../../vaultstore/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Replace(string(there), "package vaultstore", "package secretsmanager", 1) != string(here) {
			t.Errorf("%s differs from examples/vaultstore/%s", file, file)
		}
	}
}
