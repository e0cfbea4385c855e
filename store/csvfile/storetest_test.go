package csvfile_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
	"zohocrm/store/storetest"
)

// TestContract proves every sentence of the contract for a token file, with
// eight processes on one file among them.
func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Backend{
		Location: location,
		OpenAt: func(_ context.Context, path string) (oauth.Store, error) {
			return csvfile.New(csvfile.Config{Path: path})
		},
		Open: func(t testing.TB) oauth.Store { return open(t, location(t)) },
		Reopen: func(t testing.TB, s oauth.Store) oauth.Store {
			return open(t, s.(*atPath).path)
		},
		Plant:    plant,
		Corrupt:  corrupt,
		MaxChars: 4096,
		KeepsIDs: true,
	})
}

// atPath is a store that tells where its file is.
type atPath struct {
	*csvfile.Store
	path string
}

func location(t testing.TB) string { return filepath.Join(t.TempDir(), "tokens.csv") }

func open(t testing.TB, path string) *atPath {
	t.Helper()
	s, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return &atPath{s, path}
}

// plant appends rows to the file as Python's SDK does.
func plant(t testing.TB, s oauth.Store, rows []oauth.Row) bool {
	t.Helper()
	path := s.(*atPath).path
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	b := bytes.NewBuffer(data)
	w := csv.NewWriter(b)
	w.UseCRLF = true
	if len(data) == 0 {
		w.Write(oauth.Columns())
	}
	for _, r := range rows {
		v := r.Values()
		w.Write(v[:])
	}
	w.Flush()
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return true
}

// corrupt puts a word in the place of a row's expiry time.
func corrupt(t testing.TB, s oauth.Store, id string) func() string {
	t.Helper()
	path := s.(*atPath).path
	stored := func() string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	rows, err := csv.NewReader(bytes.NewReader([]byte(stored()))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r[0] == id {
			r[7] = "soon"
		}
	}
	var b bytes.Buffer
	csv.NewWriter(&b).WriteAll(rows)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return stored
}
