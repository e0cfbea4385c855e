package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/sim"
)

// witness stands between zcrm and the simulator and notes every secret that passes:
// codes, verifiers, client secrets and tokens.
type witness struct {
	mu   sync.Mutex
	seen map[string]string // secret to name
}

func newWitness(t *testing.T, r *rig) *witness {
	t.Helper()
	w := &witness{seen: map[string]string{plantedSecret: "client_secret"}}
	target, err := url.Parse(r.sim.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = p.In.Host // the simulator names its API by the caller's host
			w.request(p.Out)
		},
		ModifyResponse: w.response,
		ErrorHandler: func(rw http.ResponseWriter, _ *http.Request, _ error) {
			rw.WriteHeader(http.StatusBadGateway) // a fault that was asked for
		},
	}
	web := httptest.NewServer(proxy)
	t.Cleanup(web.Close)
	r.env["ZCRM_ACCOUNTS_URL"] = web.URL
	return w
}

func (w *witness) note(name, secret string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(secret) >= 16 {
		w.seen[secret] = name
	}
}

// request notes what zcrm sends.
func (w *witness) request(r *http.Request) {
	if r.Body == nil || r.Method != http.MethodPost {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return
	}
	for _, name := range []string{"code", "code_verifier", "client_secret", "refresh_token", "token"} {
		w.note(name, form.Get(name))
	}
}

// response notes what Zoho answers.
func (w *witness) response(resp *http.Response) error {
	if !strings.Contains(resp.Request.URL.Path, "/oauth/") {
		return nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var answer map[string]any
	if json.Unmarshal(body, &answer) == nil {
		for _, name := range []string{"access_token", "refresh_token"} {
			if text, ok := answer[name].(string); ok {
				w.note(name, text)
			}
		}
	}
	if back, err := url.Parse(resp.Header.Get("Location")); err == nil {
		w.note("code", back.Query().Get("code"))
	}
	return nil
}

// in names a secret that stands in a text, as it is or in base64.
func (w *witness) in(text string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for secret, name := range w.seen {
		if strings.Contains(text, secret) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(secret))) {
			return name
		}
	}
	return findSecret(text)
}

// names are the kinds of secrets that passed.
func (w *witness) names() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := map[string]bool{}
	for _, name := range w.seen {
		all[name] = true
	}
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// invocation is one command line of TestNoCommandTellsASecret. GRANT stands for a
// new code, DIR for the test's folder, PORT for a free port,
// KEYS for the document of the keys.
type invocation struct {
	args   []string
	stdin  string
	reveal bool // it is asked for a secret, on stdout
}

// invocations are ways to call each command, in an order in which they find what
// they need.
func invocations() map[string][]invocation {
	line := func(args ...string) invocation { return invocation{args: args} }
	shows := func(args ...string) invocation { return invocation{args: args, reveal: true} }
	return map[string][]invocation{
		"zcrm login": {
			{args: []string{"login", "--grant-token", "-"}, stdin: "GRANT"}, line("login", "--grant-token", "GRANT"), line("login", "--redirect-url", "http://localhost:PORT/callback", "--wait", "5s"),
			line("login", "--grant-token", plantedSecret), {args: []string{"login", "--grant-token", "-", "--client-secret-file", "-"}, stdin: plantedSecret},
			{args: []string{"login", "--client-secret-file", "-", "--grant-token", "GRANT"}, stdin: plantedSecret},
			{args: []string{"login", "--no-browser"}, stdin: "http://localhost:8765/callback?code=" + plantedSecret + "&state=" + plantedSecret},
			{args: []string{"login", "--no-browser"}, stdin: plantedSecret}, line("login", plantedSecret),
			line("login", "--device", "--wait", "50ms"),
		},
		"zcrm status":        {line("status"), line("status", "--json")},
		"zcrm token list":    {line("token", "list"), line("token", "list", "--json")},
		"zcrm token show":    {line("token", "show"), line("token", "show", "--json")},
		"zcrm token refresh": {line("token", "refresh"), line("token", "refresh", "--json")},
		"zcrm token get": {
			shows("token", "get"), shows("token", "get", "--output", "json"), shows("token", "get", "--output", "header"), shows("token", "get", "--output", "env"),
		},
		"zcrm token export":   {line("token", "export"), shows("token", "export", "--reveal")},
		"zcrm token import":   {{args: []string{"token", "import", "-"}, stdin: `[{"user_name":"x","refresh_token":"` + plantedSecret + `"`}, line("token", "import", "DIR/export.json")},
		"zcrm token purge":    {line("token", "purge", "--idle", "1h", "--dry-run")},
		"zcrm api":            {line("api", "users"), line("api", "POST", "Leads", "-d", "@DIR/body.json"), line("api", "org", "-q", "x="+plantedSecret)},
		"zcrm modules":        {line("modules"), line("modules", "--json"), line("modules", plantedSecret)},
		"zcrm fields":         {line("fields", "Leads"), line("fields", "Leads", plantedSecret)},
		"zcrm query":          {line("query", "select id from Leads where id is not null limit 1"), line("query", "select"), line("query", "@DIR/nothing")},
		"zcrm records list":   {line("records", "list", "Leads", "--limit", "1"), line("records", "list", plantedSecret), line("records", "list", "Leads", "--where", "City="+plantedSecret, "--json")},
		"zcrm records search": {line("records", "search", "Leads", plantedSecret), line("records", "search", "Leads", "--where", plantedSecret)},
		"zcrm records get":    {line("records", "get", "Leads", "4150869000000300040"), line("records", "get", "Leads", plantedSecret)},
		"zcrm records create": {line("records", "create", "Leads", "Last_Name=Doe"), line("records", "create", "Leads", "-d", plantedSecret), line("records", "create", "Leads", plantedSecret)},
		"zcrm records update": {line("records", "update", "Leads", "id=4150869000000300040", "Company=x"), {args: []string{"records", "update", "Leads"}, stdin: `[{"` + plantedSecret}},
		"zcrm records upsert": {line("records", "upsert", "Leads", "Last_Name=Doe", "-o", "ndjson"), line("records", "upsert", "Leads", "-d", "@DIR/nothing")},
		"zcrm records delete": {line("records", "delete", "Leads", "4150869000000399999", "--yes"), line("records", "delete", "Leads", plantedSecret, "--yes")},
		"zcrm bulk export":    {line("bulk", "export", "Leads", "--poll", "1ms"), line("bulk", "export", plantedSecret), line("bulk", "export", "Leads", "--where", "("+plantedSecret), line("bulk", "export", "--resume="+plantedSecret)},
		"zcrm bulk import":    {line("bulk", "import", "Leads", "DIR/tokens.csv"), line("bulk", "import", "Leads", "DIR/"+plantedSecret), line("bulk", "import", "Leads", "DIR/export.json", "--operation", plantedSecret)},
		"zcrm bulk list":      {line("bulk", "list"), line("bulk", "list", "--json")},
		"zcrm bulk status":    {line("bulk", "status", "123"), line("bulk", "status", plantedSecret)},
		"zcrm exec":           {shows("exec", "--", "env"), line("exec", "--", "true"), line("exec", "--", plantedSecret)},
		"zcrm store check":    {line("store", "check"), line("store", "check", "--json"), line("store", "check", "mysql://u:"+plantedSecret+"@127.0.0.1:1/db"), line("store", "check", "redis://"+plantedSecret+"@127.0.0.1:1/0")},
		"zcrm store copy":     {line("store", "copy", "--from", "csv:DIR/tokens.csv", "--to", "sqlite:DIR/copy.db"), line("store", "copy", "--from", "csv:DIR/tokens.csv", "--to", "redis://:"+plantedSecret+"@127.0.0.1:1/0"), line("store", "copy", "--from", "redis://"+plantedSecret+"@127.0.0.1:1/0", "--to", "rediss://"+plantedSecret+"@127.0.0.1:1/0?prefix=x")},
		"zcrm keys create":    {line("keys", "create", "--out", "DIR/made.json")},
		"zcrm keys list":      {line("keys", "list"), line("keys", "list", "--keys", "DIR/keys.json", "--json"), line("keys", "list", "--keys", "KEYS"), line("keys", "list", "--keys", "env:KEYS")},
		"zcrm keys check":     {line("keys", "check", "--keys", "DIR/keys.json"), line("keys", "check", "--keys", "env:PLANTED")},
		"zcrm keys rotate":    {line("keys", "rotate", "--keys", "DIR/keys.json"), line("keys", "rotate", "--keys", "env:PLANTED")},
		"zcrm store seal":     {line("store", "seal", "--yes", "--keys", "DIR/keys.json"), line("store", "seal", "--yes", "--keys", "env:PLANTED", "--json")},
		"zcrm store unseal":   {line("store", "unseal", "--yes", "--keys", "DIR/keys.json")},
		"zcrm keys retire":    {line("keys", "retire", "1", "--keys", "DIR/keys.json"), line("keys", "retire", plantedSecret, "--keys", "DIR/keys.json")},
		"zcrm demo":           {line("demo"), line("demo", "--store", "csv:DIR/demo.csv")},
		"zcrm storm":          {line("storm", "--simulator", "https://"+plantedSecret), line("storm", "--kill-at", plantedSecret)},
		"zcrm storm-worker":   {{args: []string{"storm-worker"}, stdin: `{"password":"` + plantedSecret}},
		"zcrm sim":            {line("sim", "--addr", "192.0.2.1:1"), line("sim", "--addr", plantedSecret)},
		"zcrm version":        {line("version"), line("version", "--json")},
		"zcrm help":           {line("help"), line("help", plantedSecret), line(plantedSecret), line("--" + plantedSecret), line("token", "get", "--min-life", plantedSecret)},
		"zcrm token revoke":   {line("token", "revoke", "--user", "nobody"), line("token", "revoke")},
		"zcrm token delete":   {line("token", "delete", "--id", "99"), {args: []string{"login", "--grant-token", "-"}, stdin: "GRANT"}, line("token", "delete", "--revoke")},
		"zcrm token clear":    {{args: []string{"login", "--grant-token", "-"}, stdin: "GRANT"}, line("token", "clear", "--yes", "--revoke")},
		"zcrm completion":     {line("completion", plantedSecret)},
		"zcrm __complete":     {line("__complete", "token", "get", "--user", ""), line("__complete", "token", "show", "--id", ""), line("__complete", "records", "list", "Leads", "--fields", "")},
		"zcrm __completeAll":  {line("__complete", "--store", plantedSecret, "")},
	}
}

// TestNoCommandTellsASecret calls every command, well and wrongly, with everything
// logged, while each request to Zoho is watched: nothing that was sent or answered as
// a secret, and none of the secrets in the environment, on stdin and in files, comes
// out at stderr; nor at stdout, but of commands that are asked for one.
//
// Defects: D20.
func TestNoCommandTellsASecret(t *testing.T) {
	calls := invocations()
	for _, path := range leaves(newRootCmd(newApp(nil, io.Discard, io.Discard, nil))) {
		if _, ok := calls[path]; !ok && !strings.HasPrefix(path, "zcrm completion") {
			t.Errorf("%s is not called", path)
		}
	}
	r := newRig(t)
	w := newWitness(t, r)
	d := director{t: t, rig: r, witness: w}
	d.prepare()
	for _, fault := range []sim.FaultKind{
		"", sim.FaultStatus500, sim.FaultHTML, sim.FaultDropAfter, sim.FaultThrottle200, sim.FaultNoAccessToken, sim.FaultBadJSON, sim.FaultRedirect, sim.FaultInvalidToken,
	} {
		d.playAll(calls, fault)
	}
	want := []string{"access_token", "client_secret", "code", "code_verifier", "keys", "password", "refresh_token"}
	for _, name := range want {
		if !slices.Contains(w.names(), name) {
			t.Errorf("no %s passed, so that nothing is known of it; there were %q", name, w.names())
		}
	}
}

// leaves are the paths of the commands that do something.
func leaves(cmd *cobra.Command) []string {
	if len(cmd.Commands()) == 0 {
		return []string{cmd.CommandPath()}
	}
	var all []string
	for _, sub := range cmd.Commands() {
		all = append(all, leaves(sub)...)
	}
	return all
}

// director runs invocations and searches what they say.
type director struct {
	t       *testing.T
	rig     *rig
	witness *witness
	browser string // the page that was opened last
}

// prepare plants the secrets that do not come from Zoho.
func (d *director) prepare() {
	d.t.Helper()
	r := d.rig
	file := filepath.Join(r.dir, "keys.json")
	if got := r.run("", "keys", "create", "--out", file); got.code != exitOK {
		d.t.Fatal(got.stderr)
	}
	document, err := os.ReadFile(file)
	if err != nil {
		d.t.Fatal(err)
	}
	r.env["PLANTED"] = base64.StdEncoding.EncodeToString(document)
	d.witness.note("keys", r.env["PLANTED"])
	d.noteKeys(document)
	r.env["ZCRM_STORE_PASSWORD"] = "planted-store-password"
	d.witness.note("password", r.env["ZCRM_STORE_PASSWORD"])
	r.env["PATH"] = os.Getenv("PATH")
	for name, text := range map[string]string{
		"body.json": `{"data":[{"Last_Name":"` + plantedSecret + `"}]}`, "export.json": `[{"user_name":"erik","client_id":"1000.SIM","refresh_token":"` + plantedSecret + `"}]`,
	} {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
}

// noteKeys notes the key itself, wherever it stands in the document.
func (d *director) noteKeys(document []byte) {
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) >= 32 {
				d.witness.note("keys", v)
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
	var v any
	if json.Unmarshal(document, &v) == nil {
		walk(v)
	}
}

// playAll plays every command, in the order of a token's life.
func (d *director) playAll(calls map[string][]invocation, fault sim.FaultKind) {
	d.t.Helper()
	order := []string{"zcrm login", "zcrm status", "zcrm token list"}
	last := []string{"zcrm token revoke", "zcrm token delete", "zcrm token clear"}
	for path := range calls {
		if !slices.Contains(order, path) && !slices.Contains(last, path) {
			order = append(order, path)
		}
	}
	slices.Sort(order[3:])
	for _, path := range append(order, last...) {
		if path == "zcrm demo" && fault != "" {
			continue // it has a simulator of its own
		}
		for _, call := range calls[path] {
			if fault != "" {
				for _, match := range []string{"token", "api", "revoke"} {
					d.rig.sim.Inject(sim.Fault{Kind: fault, Match: match})
				}
			}
			d.play(call, fault)
			d.rig.sim.ClearFaults()
			d.rig.sim.Advance(20 * time.Minute) // past Zoho's limits
		}
	}
}

func (d *director) play(call invocation, fault sim.FaultKind) {
	d.t.Helper()
	fill := func(text string) string {
		text = strings.ReplaceAll(text, "DIR", d.rig.dir)
		text = strings.ReplaceAll(text, "KEYS", d.rig.env["PLANTED"])
		if strings.Contains(text, "PORT") {
			port, err := freePort()
			if err != nil {
				d.t.Fatal(err)
			}
			text = strings.ReplaceAll(text, "PORT", port)
		}
		if strings.Contains(text, "GRANT") {
			code := d.rig.sim.Grant("alice")
			d.witness.note("code", code)
			text = strings.ReplaceAll(text, "GRANT", code)
		}
		return text
	}
	args := []string{"--log-level", "debug"}
	if strings.HasPrefix(call.args[0], "__") {
		args = nil // the log goes where the words do
	}
	for _, arg := range call.args {
		args = append(args, fill(arg))
	}
	var out, errs lockedBuffer
	a := newApp(strings.NewReader(fill(call.stdin)), &out, &errs, d.rig.environ())
	d.browser = ""
	a.openBrowser = func(page string, _ []string) error {
		d.browser = page
		_, err := visit(page, "auto=alice")
		return err
	}
	a.run(d.t.Context(), args)
	said := errs.String()
	if !call.reveal {
		said += out.String()
	}
	// The address of the consent page is for the user to open: its state is no
	// secret before somebody consents, and of the verifier it has the hash.
	if found := d.witness.in(strings.ReplaceAll(said, d.browser, "")); found != "" {
		d.t.Errorf("zcrm %q, Zoho does %q: a secret is told: %s\n%s", call.args, fault, found, said)
	}
	if found := d.witness.in(d.browser); found != "" {
		d.t.Errorf("zcrm %q: the browser is sent to an address with a secret: %s", call.args, found)
	}
}
