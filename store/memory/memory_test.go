package memory

import (
	"testing"

	"go.uber.org/goleak"

	"zohocrm/oauth"
	"zohocrm/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Backend{
		Open:     func(testing.TB) oauth.Store { return New(Config{}) },
		Plant:    plant,
		KeepsIDs: true,
	})
}

// plant puts rows into the list. Save makes IDs, so rows without one, or with
// one that another row has, cannot be in it.
func plant(t testing.TB, s oauth.Store, rows []oauth.Row) bool {
	t.Helper()
	m := s.(*Store)
	m.mu.Lock()
	defer m.mu.Unlock()
	ids := map[string]bool{"": true}
	var tokens []oauth.Token
	for _, row := range rows {
		if ids[row.ID] {
			return false
		}
		ids[row.ID] = true
		token, err := row.Token()
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, token)
	}
	for _, token := range tokens {
		m.table.insert(token)
		m.lastID = max(m.lastID, oauth.NumberOf(token.ID))
	}
	m.table.commit()
	return true
}
