package check_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/csvfile"
	"zohocrm/store/memory"
)

// Each fault of a token is found, alone, and named by its user. The same store
// without the faulty token has no finding.
func TestTokens(t *testing.T) {
	none, past := oauth.Secret{}, now.Add(-time.Millisecond)
	for _, c := range []struct {
		code     string
		severity check.Severity
		says     string
		harm     func(*oauth.Token)
	}{
		{"untrusted-host", check.Failure, `"bob" (id 2: "www.evil.example")`, func(o *oauth.Token) { o.APIDomain = "https://www.evil.example" }},
		{"untrusted-host", check.Failure, `"accounts.evil.example"`, func(o *oauth.Token) { o.AccountsURL = "https://accounts.evil.example" }},
		{"untrusted-host", check.Failure, `no URL`, func(o *oauth.Token) { o.APIDomain = plantedSecret }},
		{"mixed-data-centres", check.Failure, `"bob" (id 2)`, func(o *oauth.Token) { o.AccountsURL = "https://accounts.zoho.eu" }},
		{"dead-token", check.Failure, `"bob" (id 2)`, func(o *oauth.Token) { o.RefreshToken, o.Expiry = none, past }},
		{"dead-token", check.Failure, `"bob" (id 2)`, func(o *oauth.Token) { o.ClientID, o.Expiry = "", past }},
		{"dead-token", check.Failure, `"bob" (id 2)`, func(o *oauth.Token) {
			o.RefreshToken, o.Expiry, o.GrantToken = none, past, oauth.NewSecret(plantedSecret)
		}},
		{"not-renewable", check.Warning, `"bob" (id 2)`, func(o *oauth.Token) { o.RefreshToken = none }},
		{"not-renewable", check.Warning, `"bob" (id 2)`, func(o *oauth.Token) { o.ClientID = "" }},
		{"grant-not-exchanged", check.Warning, `"bob" (id 2)`, func(o *oauth.Token) {
			o.RefreshToken, o.AccessToken, o.GrantToken = none, none, oauth.NewSecret(plantedSecret)
		}},
		{"no-client-secret", check.Warning, `"bob" (id 2)`, func(o *oauth.Token) { o.ClientSecret = none }},
		{"no-data-centre", check.Warning, `"bob" (id 2)`, func(o *oauth.Token) { o.APIDomain = "" }},
		{"no-api-domain", check.Note, `"bob" (id 2)`, func(o *oauth.Token) { o.APIDomain, o.AccountsURL = "", "https://accounts.zoho.eu" }},
		{"no-user-name", check.Note, `: id 2`, func(o *oauth.Token) { o.UserName = "" }},
		{"expired", check.Note, `"bob" (id 2)`, func(o *oauth.Token) { o.Expiry = past }},
		{"expired", check.Note, `"bob" (id 2)`, func(o *oauth.Token) { o.AccessToken = none }},
		{"never-used", check.Note, `"bob" (id 2)`, func(o *oauth.Token) { o.LastUsedAt = time.Time{} }},
		{"idle", check.Note, `90 days: "bob" (id 2)`, func(o *oauth.Token) { o.LastUsedAt = now.Add(-91 * 24 * time.Hour) }},
		{"too-long", check.Warning, `"bob" (id 2: redirect_url)`, func(o *oauth.Token) { o.RedirectURL = "https://" + strings.Repeat("x", 248) }},
		{"word-id", check.Warning, `"bob" (id "ruby_7")`, func(o *oauth.Token) { o.ID = "ruby_7" }},
		{"word-id", check.Warning, `"bob" (id "2147483647")`, func(o *oauth.Token) { o.ID = "2147483647" }},
		// What is no fault.
		{"", 0, "", func(o *oauth.Token) { o.GrantToken = oauth.NewSecret(plantedSecret) }},
		{"", 0, "", func(o *oauth.Token) { o.Expiry = time.Time{} }},
		{"", 0, "", func(o *oauth.Token) { o.AccountsURL = "https://accounts.zoho.com" }},
		{"", 0, "", func(o *oauth.Token) { o.CreatedAt, o.LastUsedAt = now.Add(-time.Hour), time.Time{} }},
		{"", 0, "", func(o *oauth.Token) { o.LastUsedAt = now.Add(-90 * 24 * time.Hour) }},
		{"", 0, "", func(o *oauth.Token) { o.RedirectURL = "https://" + strings.Repeat("ü", 247) }},
		{"", 0, "", func(o *oauth.Token) { o.APIDomain = "https://sandbox.zohoapis.sa/" }},
		{"", 0, "", func(o *oauth.Token) { o.ClientID = "1000.OTHER"; o.UserName = "alice" }},
	} {
		r := examined(t, inMemory(t, healthy("alice"), with("bob", c.harm)), check.Config{})
		if c.code == "" {
			if len(r.Findings) > 0 || r.Tokens != 2 || !r.Complete || r.Worst() != check.Note {
				t.Errorf("nothing is wrong: %+v", r)
			}
			continue
		}
		if f := find(t, r, c.code); len(r.Findings) != 1 || f.Severity != c.severity || !strings.Contains(f.Text, c.says) || r.Worst() != c.severity {
			t.Errorf("want %s %s saying %s, got %+v", c.severity, c.code, c.says, r.Findings)
		}
	}
}

// What an SDK left in a file, and what only several rows show.
func TestRows(t *testing.T) {
	var ten []string
	for i := range 10 {
		ten = append(ten, row(strconv.Itoa(i+1), "u"+strconv.Itoa(i+1)))
	}
	for _, c := range []struct {
		name  string
		rows  []string
		codes []string
		says  string
	}{
		{"healthy", []string{row("1", "alice"), row("2", "bob")}, nil, ""},
		{"a user twice", []string{row("1", "alice"), row("7", "bob"), row("9", "alice")}, []string{"duplicate-user"}, `used: "alice" (id 9: beside id 1)`},
		{"one refresh token", []string{row("1", "alice"), strings.Replace(row("2", "bob"), "r2,", "r1,", 1)}, []string{"shared-token"}, `"bob" (id 2: beside id 1)`},
		{"a nameless copy", []string{row("1", "alice"), strings.Replace(row("2", ""), "r2,", "r1,", 1)}, []string{"shared-token", "no-user-name"}, `: id 2: beside id 1`},
		{"damaged rows", []string{row("1", "alice"), strings.Replace(row("2", "bob"), "4102444800000", "soon", 1), row("3", "carol")}, []string{"damaged"}, "line 3 of "},
		{"a token for a name", []string{row("1", "1000."+plantedSecret+".0123456789abcdef0123456789abcdef"), row("2", "1000."+plantedSecret+".0123456789abcdef0123456789abcdef")},
			[]string{"duplicate-user"}, "sha256:"},
		{"empty", nil, []string{"empty"}, "no token"},
		// Said by the file, which knows better than the rows: it is no table.
		{"ten rows", ten, []string{"ten-rows"}, "the file holds"},
		{"nine rows", ten[:9], nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := examined(t, inFile(t, c.rows...), check.Config{})
			if !slices.Equal(codes(r), c.codes) || len(r.Findings) > 0 && !strings.Contains(r.Findings[0].Text, c.says) {
				t.Errorf("want %v saying %s, got %+v", c.codes, c.says, r.Findings)
			}
		})
	}
}

// The trace of the Java and PHP SDKs' defect in a table, and a value that only a
// table can hold.
func TestTable(t *testing.T) {
	s, db := inTable(t)
	insert := func(id int, redirect string) {
		t.Helper()
		_, err := db.Exec("INSERT INTO oauthtoken (id, user_name, client_id, client_secret, refresh_token, redirect_url, api_domain) VALUES (?, ?, 'c', ?, ?, ?, 'https://www.zohoapis.com')",
			strconv.Itoa(id), "u"+strconv.Itoa(id), plantedSecret, plantedSecret+strconv.Itoa(id), redirect)
		if err != nil {
			t.Fatal(err)
		}
	}
	for id := 1; id <= 9; id++ {
		insert(id, "")
	}
	if r := examined(t, s, check.Config{}); slices.Contains(codes(r), "ten-rows") {
		t.Errorf("nine rows: %+v", r.Findings)
	}
	insert(10, "")
	r := examined(t, s, check.Config{})
	if f := find(t, r, "ten-rows"); f.Severity != check.Warning || f.Remedy == "" {
		t.Errorf("%+v", f)
	}
	if f := find(t, r, "expired"); !strings.HasSuffix(f.Text, ` and 7 more`) {
		t.Errorf("ten rows in one finding, three of them named: %s", f.Text)
	}
	insert(11, "https://cb/\r\n")
	r = examined(t, s, check.Config{})
	if f := find(t, r, "odd-value"); f.Severity != check.Warning || !strings.Contains(f.Text, `"u11" (id 11: redirect_url)`) {
		t.Errorf("%+v", f)
	}
	if slices.Contains(codes(r), "ten-rows") {
		t.Errorf("eleven rows: %+v", r.Findings)
	}
	// Of no interest to who shares the table with nobody.
	if r := examined(t, s, check.Config{Alone: true}); slices.Contains(codes(r), "odd-value") {
		t.Errorf("%+v", r.Findings)
	}
}

func TestConfig(t *testing.T) {
	custom, err := dc.Custom("https://gateway.example/zoho", "")
	if err != nil {
		t.Fatal(err)
	}
	s := inMemory(t, with("alice", func(o *oauth.Token) { o.APIDomain = "https://gateway.example/zoho" }))
	if r := examined(t, s, check.Config{}); r.Worst() != check.Failure {
		t.Errorf("a gateway that nobody named: %+v", r.Findings)
	}
	if r := examined(t, s, check.Config{Directory: dc.Zoho().With(custom)}); len(r.Findings) > 0 {
		t.Errorf("a gateway that was named: %+v", r.Findings)
	}
	if r := examined(t, inMemory(t, healthy("alice")), check.Config{Idle: time.Minute}); !slices.Equal(codes(r), []string{"idle"}) {
		t.Errorf("idle after a minute: %+v", r.Findings)
	}
}

// failing is a store in which something fails, around one that works.
type failing struct {
	oauth.Store
	*oauth.LocalCoordinator
	probe   error
	time    time.Time
	found   []check.Finding
	inspect error
}

func (f failing) Unwrap() oauth.Store                              { return f.Store }
func (f failing) Probe(context.Context) error                      { return f.probe }
func (f failing) Now(context.Context) (time.Time, error)           { return f.time, nil }
func (f failing) Inspect(context.Context) ([]check.Finding, error) { return f.found, f.inspect }

// wrapper is a store around another, found through Unwrap.
type wrapper struct{ oauth.Store }

func (w wrapper) Unwrap() oauth.Store { return w.Store }

func TestAbilities(t *testing.T) {
	inner := func() oauth.Store { return inMemory(t, healthy("alice")) }
	own := check.Finding{Severity: check.Warning, Code: "missing-index", Text: "no index", Remedy: "CREATE INDEX"}
	for _, c := range []struct {
		name  string
		store failing
		cfg   check.Config
		codes []string
		says  string
	}{
		{"nothing", failing{}, check.Config{}, nil, ""},
		{"not writable", failing{probe: errors.New("the disk is full")}, check.Config{}, []string{"not-writable"}, "the disk is full"},
		{"not probed", failing{probe: errors.New("the disk is full")}, check.Config{NoProbe: true}, nil, ""},
		{"clock behind", failing{time: now.Add(time.Minute)}, check.Config{}, []string{"clock-difference"}, "is 1m0s behind the store's"},
		{"clock ahead", failing{time: now.Add(-time.Minute)}, check.Config{}, []string{"clock-difference"}, "is 1m0s ahead of the store's"},
		{"clock near", failing{time: now.Add(4 * time.Second)}, check.Config{}, nil, ""},
		{"its own", failing{found: []check.Finding{own}}, check.Config{}, []string{"missing-index"}, "no index"},
		{"could not look", failing{found: []check.Finding{own}, inspect: errors.New("refused")}, check.Config{}, []string{"unreadable", "missing-index"}, "refused"},
		{"it knows better", failing{found: []check.Finding{{Code: "clock-difference", Text: "own words"}}, time: now.Add(time.Minute)}, check.Config{}, []string{"clock-difference"}, "own words"},
	} {
		c.store.Store, c.store.LocalCoordinator = inner(), &oauth.LocalCoordinator{}
		r := examined(t, wrapper{wrapper{c.store}}, c.cfg)
		if !slices.Equal(codes(r), c.codes) || len(c.codes) > 0 && !strings.Contains(r.Findings[0].Text, c.says) {
			t.Errorf("%s: want %v, got %+v", c.name, c.codes, r.Findings)
		}
		if r.Tokens != 1 {
			t.Errorf("%s: %d tokens", c.name, r.Tokens)
		}
	}
}

// A remedy fits its error, is not said twice and contradicts nothing; what cannot be
// written is said once.
func TestRemedies(t *testing.T) {
	const room = "see that there is room, and what the store's own log says"
	replica := check.Finding{Severity: check.Failure, Code: "replica", Text: "it is a replica", Remedy: "use the primary"}
	exempt := check.Finding{Severity: check.Warning, Code: "read-only", Text: "it is read-only, though not for this user", Remedy: "use the primary"}
	damage := &oauth.CorruptError{Place: "key x", Reason: "it has another type; choose another prefix"}
	for _, c := range []struct {
		name         string
		store        failing
		code, remedy string
		findings     int
	}{
		{"full", failing{probe: errors.New("no space left on device")}, "not-writable", room, 1},
		{"says it", failing{probe: errors.New("memory is full; raise maxmemory")}, "not-writable", "", 1},
		{"not allowed", failing{probe: fmt.Errorf("it cannot: %w", fs.ErrPermission)}, "not-writable", "give this user the right to write there", 1},
		{"a trigger", failing{probe: fmt.Errorf("%w: forbidden", oauth.ErrInvalidValue)}, "not-writable", "see which rule or trigger of the table refuses a new row", 1},
		{"damage", failing{probe: &oauth.CorruptError{Place: "row 1", Reason: "odd"}}, "not-writable", "correct it by hand, or put a good copy in its place", 1},
		{"said", failing{probe: errors.New("READONLY"), found: []check.Finding{replica}}, "replica", "use the primary", 1},
		{"another thing said", failing{probe: errors.New("no space left on device"), found: []check.Finding{exempt}}, "not-writable", room, 2},
		{"damage that says it", failing{inspect: damage, probe: damage}, "damaged", "", 1},
		{"unreadable that says it", failing{inspect: errors.New("denied; grant it SELECT")}, "unreadable", "", 1},
		{"unreadable", failing{inspect: errors.New("refused")}, "unreadable", "see that it is there, and that this user may read it", 1},
	} {
		c.store.Store, c.store.LocalCoordinator = inMemory(t, healthy("alice")), &oauth.LocalCoordinator{}
		r := examined(t, c.store, check.Config{})
		if f := find(t, r, c.code); f.Remedy != c.remedy || len(r.Findings) != c.findings {
			t.Errorf("%s: want %q, got %+v", c.name, c.remedy, r.Findings)
		}
	}
}

// What the store remembers of Zoho's answers.
func TestStandings(t *testing.T) {
	s := memory.New(memory.Config{Now: clock})
	for _, c := range []struct {
		name    string
		outcome oauth.Outcome
	}{
		{"alice", oauth.Outcome{Kind: oauth.Minted}},
		{"bob", oauth.Outcome{Kind: oauth.Failed, Err: oauth.ErrReauthRequired}},
		{"carol", oauth.Outcome{Kind: oauth.Failed, Err: oauth.ErrOutcomeUnknown}},
		{"dave", oauth.Outcome{Kind: oauth.Withdrawn, Err: oauth.ErrUnreachable}},
	} {
		saved, err := s.Save(t.Context(), healthy(c.name))
		if err != nil {
			t.Fatal(err)
		}
		lease, err := s.Acquire(t.Context(), oauth.Claim{Key: saved.SideKey(), Owner: "test"})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Settle(t.Context(), lease, c.outcome); err != nil {
			t.Fatal(err)
		}
	}
	for range 1000 { // more than are asked about at once
		if _, err := s.Save(t.Context(), healthy(rand.Text())); err != nil {
			t.Fatal(err)
		}
	}
	r := examined(t, s, check.Config{})
	if !slices.Equal(codes(r), []string{"needs-login", "refresh-fails", "revoke-unfinished"}) {
		t.Fatalf("%+v", r.Findings)
	}
	for i, want := range []string{`any more: "bob" (id 2)`, `failed: "carol" (id 3: `, `told: "dave" (id 4)`} {
		if !strings.Contains(r.Findings[i].Text, want) {
			t.Errorf("want %s in %s", want, r.Findings[i].Text)
		}
	}
}

// A store that cannot be read says so once, not once for each way of asking.
func TestUnreadable(t *testing.T) {
	s, err := csvfile.New(csvfile.Config{Path: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	r := examined(t, s, check.Config{})
	if f := find(t, r, "unreadable"); len(r.Findings) != 1 || f.Severity != check.Failure || !strings.Contains(f.Text, "it is a folder") {
		t.Errorf("a folder: %+v", r.Findings)
	}
	if r.Complete || r.String() != "0 tokens could be read, 1 failure" {
		t.Errorf("%s, complete %v", r, r.Complete)
	}
	r = examined(t, inFile(t, "not a token file\n\x00"), check.Config{})
	if f := find(t, r, "damaged"); len(r.Findings) != 1 || f.Severity != check.Failure {
		t.Errorf("another file: %+v", r.Findings)
	}
	s, err = csvfile.New(csvfile.Config{Path: filepath.Join(t.TempDir(), "none.csv")})
	if err != nil {
		t.Fatal(err)
	}
	if r := examined(t, s, check.Config{}); !slices.Equal(codes(r), []string{"missing-file"}) {
		t.Errorf("no file: %+v", r.Findings)
	}
}

// A damaged database row, behind which List cannot go on.
func TestDamagedTable(t *testing.T) {
	s, db := inTable(t)
	if _, err := db.Exec("INSERT INTO oauthtoken (id, user_name, refresh_token, expiry_time) VALUES ('1', 'alice', 'r', 'soon')"); err != nil {
		t.Fatal(err)
	}
	r := examined(t, s, check.Config{})
	if f := find(t, r, "damaged"); f.Severity != check.Failure || !strings.Contains(f.Text, `row "1"`) || r.Complete {
		t.Errorf("%+v", r.Findings)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := check.Run(ctx, inMemory(t, healthy("alice")), check.Config{Now: clock}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestReport(t *testing.T) {
	var r check.Report
	r.Tokens, r.Complete = 1, true
	if r.String() != "1 token, nothing found" || r.Worst() != check.Note {
		t.Error(r, r.Worst())
	}
	r.Add(check.Finding{Severity: check.Note, Code: "a"}, check.Finding{Severity: check.Failure, Code: "b"}, check.Finding{Severity: check.Note, Code: "c"})
	r.Add(check.Finding{Severity: check.Warning, Code: "d"})
	if got := codes(r); !slices.Equal(got, []string{"b", "d", "a", "c"}) {
		t.Error(got)
	}
	if r.String() != "1 token, 1 failure, 1 warning, 2 notes" || r.Worst() != check.Failure || r.Count(check.Note) != 2 {
		t.Error(r, r.Worst())
	}
}

// What is kept of each token is a matter of bytes.
func BenchmarkRun(b *testing.B) {
	s := memory.New(memory.Config{Now: clock})
	const n = 100_000
	err := s.SaveAll(b.Context(), func(yield func(oauth.Token) bool) {
		for i := range n {
			if !yield(healthy("user" + strconv.Itoa(i))) {
				return
			}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := check.Run(b.Context(), s, check.Config{Now: clock}); err != nil || r.Tokens != n || len(r.Findings) > 0 {
			b.Fatal(r, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
