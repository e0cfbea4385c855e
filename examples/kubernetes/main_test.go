package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"go.uber.org/goleak"

	"zohocrm"
	"zohocrm/dc"
	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
	"zohocrm/store/open"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cluster is what the manifests presume: a database that migrate.yaml has been run
// on, the secrets, and Zoho.
type cluster struct {
	*testing.T
	zoho  *simtest.Server
	env   map[string]string
	mu    sync.Mutex
	asked map[string]bool // variables that the program has read
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{T: t, zoho: simtest.New(t, sim.Config{}), asked: map[string]bool{}}
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o440); err != nil {
			t.Fatal(err)
		}
		return path
	}
	store := c.migrated(file)
	if _, err := keys.Create(t.Context(), filepath.Join(folder, "zcrm.keys"), keys.Config{}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "zcrm.keys"))
	if err != nil {
		t.Fatal(err)
	}
	c.env = map[string]string{
		"ZCRM_STORE": store, "ZCRM_KEYS": "env:KEYS", "KEYS": base64.StdEncoding.EncodeToString(text),
		"ZCRM_CLIENT_ID": "1000.SIM", "ZCRM_CLIENT_SECRET_FILE": file("client-secret", "sim\n"),
		"ZOHO_USER": "alice@example.com:10001", "ZCRM_ACCOUNTS_URL": c.zoho.URL,
	}
	return c
}

// migrated runs schema.sql as the owner of a new database, twice, and gives the
// store's URL for a role that has no rights but those which the file gives it.
func (c *cluster) migrated(file func(name, text string) string) string {
	c.Helper()
	owner := servertest.Postgres(c.T)
	schema, err := os.ReadFile("schema.sql")
	if err != nil {
		c.Fatal(err)
	}
	db, err := sql.Open("pgx", owner)
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { db.Close() })
	role, password := "zcrm_"+strings.ToLower(rand.Text()), rand.Text()
	exec := func(text string) {
		if _, err := db.ExecContext(context.Background(), text); err != nil {
			c.Fatal(err)
		}
	}
	exec("CREATE ROLE " + role + " LOGIN PASSWORD '" + password + "'")
	c.Cleanup(func() { exec("DROP OWNED BY " + role); exec("DROP ROLE " + role) })
	for range 2 {
		exec(strings.Replace(string(schema), "TO zcrm;", "TO "+role+";", 1))
	}
	u, err := url.Parse(owner)
	if err != nil {
		c.Fatal(err)
	}
	u.User = url.User(role)
	query := u.Query()
	query.Set("password-file", file("db-password", password))
	u.RawQuery = query.Encode()
	return u.String()
}

func (c *cluster) getenv(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[name] = true
	return c.env[name]
}

// login is what `zcrm login --store ... --keys ...` does once, from a desk. expired
// leaves a token behind that has to be refreshed at once.
func (c *cluster) login(expired bool) {
	c.Helper()
	set, err := keys.Open(c.Context(), "env:KEYS", keys.Config{LookupEnv: func(string) (string, bool) { return c.env["KEYS"], true }})
	if err != nil {
		c.Fatal(err)
	}
	store, err := open.URL(c.Context(), c.env["ZCRM_STORE"], open.Config{Wrap: func(s oauth.Store) (oauth.Store, error) {
		return sealed.New(s, sealed.Config{Keys: set})
	}})
	if err != nil {
		c.Fatal(err)
	}
	defer store.Close()
	home, err := dc.Custom(c.zoho.URL, "")
	if err != nil {
		c.Fatal(err)
	}
	client, err := zohocrm.New(c.Context(), zohocrm.Config{Store: store, DataCenter: home, Token: oauth.Token{
		ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(c.zoho.Grant("alice")),
	}})
	if err != nil {
		c.Fatal(err)
	}
	if err := client.Close(); err != nil {
		c.Fatal(err)
	}
	if expired {
		if _, err := store.Save(c.Context(), oauth.Token{ID: client.User.ID, AccessToken: oauth.NewSecret("1000.of.yesterday"), Expiry: time.Now().Add(-time.Hour)}); err != nil {
			c.Fatal(err)
		}
	}
}

// replica is one pod. It ends with the test, or earlier by stop, which gives what
// run returned.
func (c *cluster) replica() (address string, stop func() error) {
	c.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, c.getenv, listener, slog.New(slog.DiscardHandler)) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	c.Cleanup(func() {
		if err := stop(); err != nil {
			c.Errorf("the replica did not end well: %v", err)
		}
	})
	return "http://" + listener.Addr().String(), stop
}

func (c *cluster) get(url string) (int, string) {
	c.Helper()
	res, err := c.zoho.Client.Get(url)
	if err != nil {
		c.Error(err)
		return 0, ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.Error(err)
	}
	return res.StatusCode, string(text)
}

// Replicas that meet an expired token at the same moment ask Zoho for one.
func TestReplicasShareOneToken(t *testing.T) {
	c := newCluster(t)
	c.login(true)
	var addresses []string
	for range 3 {
		address, _ := c.replica()
		addresses = append(addresses, address)
	}
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			status, text := c.get(addresses[i%3] + "/leads")
			var names []string
			if err := json.Unmarshal([]byte(text), &names); status != http.StatusOK || err != nil || len(names) != 10 {
				t.Errorf("%d %s, %v", status, text, err)
			}
		})
	}
	wg.Wait()
	if n := c.zoho.Counters(); n.Refreshes != 1 || n.Exchanges != 1 {
		t.Errorf("%d refreshes, %d exchanges", n.Refreshes, n.Exchanges)
	}
}

// What the manifest asks of the program, the program has: the probes' paths and
// each variable.
func TestManifestFitsTheProgram(t *testing.T) {
	c := newCluster(t)
	address, stop := c.replica()
	manifest, err := os.ReadFile("deployment.yaml")
	if err != nil {
		t.Fatal(err)
	}
	probes := regexp.MustCompile(`httpGet: \{path: ([^,]+), port: http\}`).FindAllStringSubmatch(string(manifest), -1)
	if len(probes) != 3 {
		t.Fatalf("%d probes", len(probes))
	}
	for _, probe := range probes {
		if status, _ := c.get(address + probe[1]); status != http.StatusOK {
			t.Errorf("the probe %s is answered %d", probe[1], status)
		}
	}
	// Nobody has logged in yet: the replica lives, and says that a person is needed.
	if status, text := c.get(address + "/leads"); status != http.StatusInternalServerError || text != "" {
		t.Errorf("without a login: %d %s", status, text)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	variables := regexp.MustCompile(`name: ([A-Z_]+)\b`).FindAllStringSubmatch(string(manifest), -1)
	if len(variables) < 7 {
		t.Fatalf("%d variables", len(variables))
	}
	for _, v := range variables {
		if !c.asked[v[1]] {
			t.Errorf("the program does not read %s", v[1])
		}
	}
}

// While the database is away, or Zoho, the probes go on answering; a replica that is
// told to end says that it is not ready.
func TestProbesAskNobody(t *testing.T) {
	s := &server{log: slog.New(slog.DiscardHandler)}
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/readyz": http.StatusServiceUnavailable} {
		s.ending.Store(false)
		if got := probe(s, path); got != http.StatusOK {
			t.Errorf("%s: %d", path, got)
		}
		s.ending.Store(true)
		if got := probe(s, path); got != want {
			t.Errorf("%s while it ends: %d, want %d", path, got, want)
		}
	}
	for err, want := range map[error]int{oauth.ErrStoreUnavailable: 503, oauth.ErrThrottled: 503, oauth.ErrReauthRequired: 500, errors.New("x"): 500} {
		if got := status(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}

func probe(s *server, path string) int {
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code
}

func TestStartsOnlyWithItsSecrets(t *testing.T) {
	c := newCluster(t)
	for variable, says := range map[string]string{
		"ZCRM_CLIENT_SECRET_FILE": "ZCRM_CLIENT_SECRET_FILE", "KEYS": "keys cannot be used", "ZCRM_STORE": "store URL",
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		err = run(t.Context(), func(name string) string {
			if name == variable {
				return ""
			}
			return c.env[name]
		}, listener, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("without %s: %v", variable, err)
		}
	}
}
