package sealed_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

// TestSameAsPlain: whatever is done to a sealed store and to a plain one, both
// answer the same, while the sealed one begins plain, is sealed, gets other keys and
// is unsealed in between.
func TestSameAsPlain(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		m := newTwins(t, folder)
		t.Repeat(map[string]func(*rapid.T){
			"save":    m.save,
			"saveAll": m.saveAll,
			"find":    m.find,
			"delete":  m.delete,
			"seal":    m.seal,
			"rotate":  m.rotate,
			"clear":   m.clear,
			"":        m.compare,
		})
	})
}

// twins are a plain store and a sealed one.
type twins struct {
	ctx      context.Context
	plain    *memory.Store
	inner    *memory.Store
	over     *sealed.Store
	versions map[string][2]string // by ID: the Version in each
	file     string               // of the keys
}

func newTwins(t *rapid.T, folder string) *twins {
	ctx := context.Background()
	file := filepath.Join(folder, fmt.Sprint("keys", rand.Text()))
	if _, err := keys.Create(ctx, file, keys.Config{}); err != nil {
		t.Fatal(err)
	}
	set, err := keys.Open(ctx, file, keys.Config{})
	if err != nil {
		t.Fatal(err)
	}
	m := &twins{file: file, ctx: context.Background(), plain: memory.New(memory.Config{}), inner: memory.New(memory.Config{}), versions: map[string][2]string{}}
	if m.over, err = sealed.New(m.inner, sealed.Config{Keys: set}); err != nil {
		t.Fatal(err)
	}
	return m
}

// token draws a token from few values, so that they meet.
func (m *twins) token(t *rapid.T) (plain, over oauth.Token) {
	draw := func(label string, values ...string) string {
		return rapid.SampledFrom(append(values, "", "")).Draw(t, label)
	}
	secret := func(label string) oauth.Secret { return oauth.NewSecret(draw(label, label+"1", label+"2", label+"3")) }
	plain = oauth.Token{
		UserName: draw("user", "alice", "bob", "carol"), ClientID: draw("client", "C1", "C2"), ClientSecret: secret("cs"),
		RefreshToken: secret("r"), AccessToken: secret("a"), GrantToken: secret("g"),
		APIDomain: draw("domain", "https://www.zohoapis.com", "https://www.zohoapis.eu"), Scope: draw("scope", "S1"), RedirectURL: draw("url", "U1"),
	}
	over = plain
	if ids := m.ids(); len(ids) > 0 && rapid.Bool().Draw(t, "by id") {
		id := rapid.SampledFrom(ids).Draw(t, "id")
		plain.ID, over.ID = id, id
		if rapid.Bool().Draw(t, "by version") {
			plain.Version, over.Version = m.versions[id][0], m.versions[id][1]
		}
	}
	return plain, over
}

func (m *twins) ids() []string {
	var ids []string
	for id := range m.versions {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (m *twins) save(t *rapid.T) {
	plain, over := m.token(t)
	p, perr := m.plain.Save(m.ctx, plain)
	o, oerr := m.over.Save(m.ctx, over)
	agree(t, p, o, perr, oerr)
	if perr == nil {
		m.versions[p.ID] = [2]string{p.Version, o.Version}
	}
}

func (m *twins) saveAll(t *rapid.T) {
	var plains, overs []oauth.Token
	for range rapid.IntRange(1, 4).Draw(t, "n") {
		p, o := m.token(t)
		plains, overs = append(plains, p), append(overs, o)
	}
	perr := m.plain.SaveAll(m.ctx, slices.Values(plains))
	oerr := m.over.SaveAll(m.ctx, slices.Values(overs))
	agree(t, oauth.Token{}, oauth.Token{}, perr, oerr)
	var p, o *oauth.BatchError
	if errors.As(perr, &p) && errors.As(oerr, &o) && p.Index != o.Index {
		t.Fatalf("plain refuses token %d, sealed token %d: %v, %v", p.Index, o.Index, perr, oerr)
	}
	m.reread(t)
}

func (m *twins) find(t *rapid.T) {
	plain, over := m.token(t)
	p, perr := m.plain.Find(m.ctx, plain)
	o, oerr := m.over.Find(m.ctx, over)
	agree(t, p, o, perr, oerr)
}

func (m *twins) delete(t *rapid.T) {
	ids := append(m.ids(), "77")
	id := rapid.SampledFrom(ids).Draw(t, "id")
	v := m.versions[id]
	if rapid.Bool().Draw(t, "whatever is there") {
		v = [2]string{}
	}
	agree(t, oauth.Token{}, oauth.Token{}, m.plain.Delete(m.ctx, id, v[0]), m.over.Delete(m.ctx, id, v[1]))
}

func (m *twins) seal(t *rapid.T) {
	mode := rapid.SampledFrom([]sealed.Mode{sealed.Seal, sealed.Reseal, sealed.Unseal}).Draw(t, "mode")
	if report, err := sealed.SealAll(m.ctx, m.over, sealed.SealAllConfig{Mode: mode, BatchSize: 2}); err != nil || report.Failed > 0 {
		t.Fatal(report, err)
	}
	m.reread(t)
}

// rotate is followed by another handle on the keys, as of another program.
func (m *twins) rotate(t *rapid.T) {
	if _, err := keys.Rotate(m.ctx, m.file, keys.Config{}); err != nil {
		t.Fatal(err)
	}
	set, err := keys.Open(m.ctx, m.file, keys.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if m.over, err = sealed.New(m.inner, sealed.Config{Keys: set}); err != nil {
		t.Fatal(err)
	}
}

func (m *twins) clear(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "really") > 0 {
		return
	}
	if err := errors.Join(m.plain.DeleteAll(m.ctx), m.over.DeleteAll(m.ctx)); err != nil {
		t.Fatal(err)
	}
}

// compare wants both to hold the same.
func (m *twins) compare(t *rapid.T) {
	p, err1 := oauth.All(m.ctx, m.plain)
	o, err2 := oauth.All(m.ctx, m.over)
	if err1 != nil || err2 != nil || len(p) != len(o) {
		t.Fatalf("plain holds %v, %v; sealed %v, %v", p, err1, o, err2)
	}
	for i := range p {
		agree(t, p[i], o[i], nil, nil)
	}
}

// reread learns the Versions of both.
func (m *twins) reread(t *rapid.T) {
	clear(m.versions)
	for id, p := range all(t, m.ctx, m.plain) {
		m.versions[id] = [2]string{p.Version, all(t, m.ctx, m.over)[id].Version}
	}
}

func all(t *rapid.T, ctx context.Context, s oauth.Store) map[string]oauth.Token {
	rows := map[string]oauth.Token{}
	for row, err := range s.List(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		rows[row.ID] = row
	}
	return rows
}

// agree wants the same row, side data included, or the same error.
func agree(t *rapid.T, plain, over oauth.Token, perr, oerr error) {
	if class(perr) != class(oerr) {
		t.Fatalf("plain: %v; sealed: %v", perr, oerr)
	}
	if perr != nil {
		return
	}
	if plain.Row() != over.Row() || plain.Scope != over.Scope || plain.CreatedAt.IsZero() != over.CreatedAt.IsZero() {
		t.Fatalf("plain: %v %q; sealed: %v %q", plain, plain.Scope, over, over.Scope)
	}
}

func class(err error) string {
	for _, is := range []error{
		oauth.ErrNotFound, oauth.ErrIncompleteKey, oauth.ErrMismatch, oauth.ErrAmbiguous, oauth.ErrConflict, oauth.ErrInvalidValue, oauth.ErrCorrupt,
	} {
		if errors.Is(err, is) {
			return is.Error()
		}
	}
	return fmt.Sprint(err)
}
