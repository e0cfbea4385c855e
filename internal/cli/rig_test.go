package cli

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

func newWeb(h http.Handler) *httptest.Server { return httptest.NewServer(h) }

// freePort is a port that nobody listens on just now. It lies below those that
// systems give to outgoing connections, so that none of the tests beside this
// one takes it meanwhile.
func freePort() (string, error) {
	for range 100 {
		port := strconv.Itoa(20000 + rand.IntN(10000))
		l, err := net.Listen("tcp", ":"+port)
		if err == nil {
			return port, l.Close()
		}
	}
	return "", errors.New("no free port was found")
}

// rig runs commands inside the test process.
type rig struct {
	t   *testing.T
	sim *simtest.Server
	dir string
	env map[string]string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	s := simtest.New(t, sim.Config{Clients: []sim.Client{{ID: "1000.SIM", Secret: plantedSecret}}})
	dir := t.TempDir()
	return &rig{t: t, sim: s, dir: dir, env: map[string]string{
		"HOME": dir, "AppData": dir, "ZCRM_ACCOUNTS_URL": s.URL, "ZCRM_CLIENT_ID": "1000.SIM",
		"ZCRM_CLIENT_SECRET": plantedSecret, "ZCRM_STORE": "csv:" + filepath.Join(dir, "tokens.csv"),
	}}
}

func (r *rig) environ() []string {
	var all []string
	for k, v := range r.env {
		all = append(all, k+"="+v)
	}
	return all
}

type result struct {
	code           int
	stdout, stderr string
}

// run runs one command and fails the test if a secret shows on stderr.
func (r *rig) run(stdin string, args ...string) result {
	r.t.Helper()
	var out, errs bytes.Buffer
	code := Main(args, strings.NewReader(stdin), &out, &errs, r.environ())
	if found := findSecret(errs.String()); found != "" {
		r.t.Errorf("zcrm %v: a secret is on stderr: %s", args, found)
	}
	return result{code, out.String(), errs.String()}
}

// login connects a user.
func (r *rig) login(user string) {
	r.t.Helper()
	got := r.run(r.sim.Grant(user), "login", "--grant-token", "-")
	if got.code != exitOK {
		r.t.Fatalf("login %s: exit code %d: %s", user, got.code, got.stderr)
	}
}

// breakStoreAfterToken is a server in front of the simulator that does harm at
// the worst moment: when Zoho has issued a token and nobody has it yet.
func breakStoreAfterToken(t *testing.T, r *rig, harm func()) *httptest.Server {
	t.Helper()
	target, err := url.Parse(r.sim.URL)
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = p.In.Host // the simulator names its API by the caller's host
		},
		ModifyResponse: func(resp *http.Response) error {
			if strings.HasSuffix(resp.Request.URL.Path, "/oauth/v2/token") {
				once.Do(harm)
			}
			return nil
		},
	}
	web := httptest.NewServer(proxy)
	t.Cleanup(web.Close)
	return web
}
