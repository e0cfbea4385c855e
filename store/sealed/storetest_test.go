package sealed_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
	"zohocrm/store/memory"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
	"zohocrm/store/storetest"
)

// roomy is more than any secret of the conformance kit that the columns of the
// inner stores below do not refuse themselves.
const roomy = 2000

// TestContractMemory proves every sentence of the contract for a sealed list in
// memory.
func TestContractMemory(t *testing.T) {
	set := temporary(t)
	storetest.Run(t, storetest.Backend{
		Open: func(t testing.TB) oauth.Store {
			return seal(t, memory.New(memory.Config{}), sealed.Config{Keys: set, MaxSecret: 100_000})
		},
		KeepsIDs: true,
	})
}

// TestContractUnbatched proves it for an inner store without abilities.
func TestContractUnbatched(t *testing.T) {
	set := temporary(t)
	storetest.Run(t, storetest.Backend{
		Open: func(t testing.TB) oauth.Store {
			return seal(t, bare{memory.New(memory.Config{})}, sealed.Config{Keys: set, MaxSecret: 100_000})
		},
		KeepsIDs: true,
	})
}

// bare has the six methods and nothing else.
type bare struct{ oauth.Store }

// TestContractSealedOnly proves it where plain rows are refused.
func TestContractSealedOnly(t *testing.T) {
	set := temporary(t)
	storetest.Run(t, storetest.Backend{
		Open: func(t testing.TB) oauth.Store {
			return seal(t, memory.New(memory.Config{}), sealed.Config{Keys: set, MaxSecret: 100_000, RefusePlain: true})
		},
		KeepsIDs: true,
	})
}

// TestContractFile proves it for a sealed file of the official SDKs, with eight
// processes on one file among them. Rows are planted as an SDK writes them: plain.
func TestContractFile(t *testing.T) {
	storetest.Run(t, storetest.Backend{
		Location: func(t testing.TB) string { return place(t, "tokens.csv") },
		OpenAt: func(ctx context.Context, path string) (oauth.Store, error) {
			inner, err := csvfile.New(csvfile.Config{Path: path})
			if err != nil {
				return nil, err
			}
			return open(ctx, path, inner)
		},
		Open:     func(t testing.TB) oauth.Store { return openFile(t, place(t, "tokens.csv")) },
		Reopen:   func(t testing.TB, s oauth.Store) oauth.Store { return openFile(t, s.(*opened).path) },
		Plant:    plantFile,
		Corrupt:  corruptFile,
		KeepsIDs: true,
	})
}

// TestContractDatabase proves it for a sealed database file.
func TestContractDatabase(t *testing.T) {
	storetest.Run(t, storetest.Backend{
		Location: func(t testing.TB) string { return databasePlace(t) },
		OpenAt: func(ctx context.Context, path string) (oauth.Store, error) {
			inner, err := openDatabase(ctx, path)
			if err != nil {
				return nil, err
			}
			return open(ctx, path, inner)
		},
		Open:     func(t testing.TB) oauth.Store { return openDB(t, databasePlace(t)) },
		Reopen:   func(t testing.TB, s oauth.Store) oauth.Store { return openDB(t, s.(*opened).path) },
		Plant:    plantDB,
		Corrupt:  corruptDB,
		KeepsIDs: true,
	})
}

// opened is a sealed store that tells what it is made of.
type opened struct {
	*sealed.Store
	inner oauth.Store
	path  string
}

// Close closes the inner store.
func (o *opened) Close() error {
	if c, ok := o.inner.(interface{ Close() error }); ok {
		return c.Close()
	}
	return nil
}

// place is a path where no store is yet, with keys beside it.
func place(t testing.TB, name string) string {
	t.Helper()
	path := t.TempDir() + "/" + name
	if _, err := keys.Create(context.Background(), path+".keys", keys.Config{}); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(ctx context.Context, path string, inner oauth.Store) (*opened, error) {
	set, err := keys.Open(ctx, path+".keys", keys.Config{})
	if err != nil {
		return nil, err
	}
	s, err := sealed.New(inner, sealed.Config{Keys: set, MaxSecret: roomy})
	if err != nil {
		return nil, err
	}
	return &opened{s, inner, path}, nil
}

func temporary(t testing.TB) *keys.Set {
	t.Helper()
	set, err := keys.Temporary()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func seal(t testing.TB, inner oauth.Store, cfg sealed.Config) *sealed.Store {
	t.Helper()
	if cfg.Keys == nil {
		cfg.Keys = temporary(t)
	}
	s, err := sealed.New(inner, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stored(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// damage changes one character of a sealed cell.
func damage(cell string) string {
	at := len(cell) - 3
	other := "A"
	if strings.HasPrefix(cell[at:], other) {
		other = "B"
	}
	return cell[:at] + other + cell[at+1:]
}
