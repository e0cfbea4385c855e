package storetest

import (
	"errors"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"zohocrm/oauth"
)

func modelChecks() []check {
	return []check{{name: "LikeModel", run: likeModel}}
}

// The property is tried on as many sequences of calls as fit into modelTime, and
// on modelRuns of them however slow the store is.
const (
	modelTime = time.Second
	modelRuns = 10
)

// likeModel compares random sequences of calls with the model. What fails is
// made as short as it can be before it is shown.
func likeModel(f *fixture) {
	handles := f.again()
	ids := given{}
	end := time.Now().Add(modelTime)
	runs, failed := 0, false
	property := func(t *rapid.T) {
		if runs++; runs > modelRuns && time.Now().After(end) && !failed {
			return
		}
		finished := false
		defer func() { failed = failed || !finished }() // then the time does not count
		if err := f.s.DeleteAll(f.ctx); err != nil {
			t.Fatalf("DeleteAll: %v", err)
		}
		m := &machine{handles: handles, model: newModel(), ids: ids, run: runs, versions: []string{"never"}}
		t.Repeat(map[string]func(*rapid.T){
			"":          m.holds,
			"Save":      m.save,
			"SaveAgain": m.saveAgain,
			"Login":     m.login,
			"Name":      m.name,
			"Find":      m.find,
			"Get":       m.get,
			"Delete":    m.delete,
			"DeleteAll": m.deleteAll,
		})
		finished = true
	}
	for rapid.Check(f.TB, property); time.Now().Before(end); {
		rapid.Check(f.TB, property)
	}
}

// machine makes the same calls on a store and on the model.
type machine struct {
	handles  []*fixture
	model    *model
	ids      given // of all runs
	run      int   // keeps the secrets of one run apart from those of the next
	versions []string
}

func (m *machine) fixture(t *rapid.T) *fixture {
	return m.handles[rapid.IntRange(0, len(m.handles)-1).Draw(t, "handle")]
}

func (m *machine) save(t *rapid.T) { m.saveToken(t, m.token(t)) }

// saveAgain saves a row that is there, changed, with its Version.
func (m *machine) saveAgain(t *rapid.T) {
	row := m.row(t, func(oauth.Token) bool { return true })
	change := m.token(t)
	change.ID, change.Version = row.ID, row.Version
	change.UserName, change.ClientID = row.UserName, row.ClientID
	m.saveToken(t, change)
}

// login saves a token whose user is not known yet.
func (m *machine) login(t *rapid.T) {
	login := m.token(t)
	login.ID, login.UserName, login.Version = "", "", ""
	m.saveToken(t, login)
}

// name gives a nameless row a name, with its Version, an old one or none.
func (m *machine) name(t *rapid.T) {
	row := m.row(t, func(row oauth.Token) bool { return row.UserName == "" })
	name := oauth.Token{ID: row.ID, UserName: rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "user")}
	name.Version = rapid.SampledFrom([]string{"", row.Version, m.versions[len(m.versions)/2]}).Draw(t, "version")
	m.saveToken(t, name)
}

func (m *machine) saveToken(t *rapid.T, token oauth.Token) {
	f := m.fixture(t)
	want := m.model.save(token)
	got, err := f.s.Save(f.ctx, token)
	what := fmt.Sprintf("Save(%v, version %q, domain %q)", token, token.Version, token.APIDomain)
	if want.err != nil {
		if !errors.Is(err, want.err) {
			t.Fatalf("%s: %v; want %q", what, err, want.err)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if want.updates < 0 {
		if m.ids[got.ID] && got.ID != token.ID || m.model.withID(got.ID) >= 0 {
			t.Fatalf("%s: id %q was given before", what, got.ID)
		}
		if token.ID != "" && f.b.KeepsIDs && got.ID != token.ID {
			t.Fatalf("%s: inserted under id %q", what, got.ID)
		}
		want.row.ID = got.ID
		m.ids[got.ID] = true
	} else if changed := columnDiff(got, m.model.rows[want.updates]) != ""; changed == (got.Version == m.model.rows[want.updates].Version) {
		t.Fatalf("%s: columns changed: %v; Version changed: %v", what, changed, !changed)
	}
	if diff := columnDiff(got, want.row); diff != "" {
		t.Fatalf("%s: %s", what, diff)
	}
	m.model.do(want, got)
	m.versions = append(m.versions, got.Version)
}

func (m *machine) find(t *rapid.T) {
	f := m.fixture(t)
	partial := m.token(t)
	i, want := m.model.find(partial)
	got, err := f.s.Find(f.ctx, partial)
	m.compare(t, fmt.Sprintf("Find(%v)", partial), got, err, i, want)
}

func (m *machine) get(t *rapid.T) {
	f := m.fixture(t)
	id := m.id(t)
	i, want := m.model.find(oauth.Token{ID: id})
	got, err := f.s.Get(f.ctx, id)
	m.compare(t, fmt.Sprintf("Get(%q)", id), got, err, i, want)
}

func (m *machine) compare(t *rapid.T, what string, got oauth.Token, err error, i int, want error) {
	switch {
	case want != nil && !errors.Is(err, want):
		t.Fatalf("%s = %v, %v; want %q", what, got, err, want)
	case want == nil && err != nil:
		t.Fatalf("%s: %v", what, err)
	case want == nil:
		m.like(t, what, got, m.model.rows[i])
	}
}

// like wants a row as the model has it.
func (m *machine) like(t *rapid.T, what string, got, want oauth.Token) {
	if diff := columnDiff(got, want); diff != "" {
		t.Fatalf("%s: %s", what, diff)
	}
	if got.Version != want.Version {
		t.Fatalf("%s: Version %q, want %q", what, got.Version, want.Version)
	}
	want.UpdatedAt = got.UpdatedAt
	if !m.model.doubtful[sideKey(want)] && !got.SameSide(want) {
		t.Fatalf("%s: scope %q last used %v created %v; want %q %v %v",
			what, got.Scope, got.LastUsedAt, got.CreatedAt, want.Scope, want.LastUsedAt, want.CreatedAt)
	}
}

func (m *machine) delete(t *rapid.T) {
	if rapid.Bool().Draw(t, "rather not") {
		return // else few rows would meet
	}
	f := m.fixture(t)
	id := m.id(t)
	version := rapid.SampledFrom([]string{"", m.versions[len(m.versions)-1]}).Draw(t, "version")
	i, want := m.model.find(oauth.Token{ID: id})
	if want == nil && version != "" && version != m.model.rows[i].Version {
		want = oauth.ErrConflict
	}
	err := f.s.Delete(f.ctx, id, version)
	switch {
	case want == nil && err != nil:
		t.Fatalf("Delete(%q, %q): %v", id, version, err)
	case want != nil && !errors.Is(err, want):
		t.Fatalf("Delete(%q, %q): %v; want %q", id, version, err, want)
	case want == nil:
		m.model.remove(i)
	}
}

func (m *machine) deleteAll(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "how rarely") > 0 {
		return
	}
	f := m.fixture(t)
	if err := f.s.DeleteAll(f.ctx); err != nil {
		t.Fatalf("DeleteAll: %v", err)
	}
	m.model.rows = nil
}

// holds wants the store to list the model's rows.
func (m *machine) holds(t *rapid.T) {
	f := m.handles[len(m.handles)-1]
	all, err := oauth.All(f.ctx, f.s)
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	if len(all) != len(m.model.rows) {
		t.Fatalf("the store holds %d rows, want %d", len(all), len(m.model.rows))
	}
	for _, got := range all {
		i := m.model.withID(got.ID)
		if i < 0 {
			t.Fatalf("the store holds id %q, which it should not", got.ID)
		}
		m.like(t, "List", got, m.model.rows[i])
	}
}
