package mysql_test

import (
	"errors"
	"testing"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/mysql"
)

// TestCheckKnowsCharacterSets: what Check says of each character is what the server
// makes of it.
func TestCheckKnowsCharacterSets(t *testing.T) {
	for _, set := range []string{"latin1", "ascii", "utf8mb3", "utf8mb4"} {
		url := servertest.MySQL(t)
		db := rawDB(t, url, "")
		run(t, db, createTable+" CHARACTER SET "+set)
		s, err := mysql.New(t.Context(), db, mysql.Config{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		given := make([]rune, 0, 0x2200)
		for r := rune(' '); r < 0x2200; r++ {
			given = append(given, r)
		}
		given = append(given, '\ufffd', '\U0001f600')
		var kept string
		if err := db.QueryRow("SELECT CONVERT(CONVERT(? USING "+set+") USING utf8mb4)", string(given)).Scan(&kept); err != nil {
			t.Fatal(err)
		}
		for i, r := range []rune(kept) {
			err := s.Check(oauth.Token{UserName: string(given[i])})
			if holds := r == given[i]; holds != (err == nil) || err != nil && !errors.Is(err, oauth.ErrInvalidValue) {
				t.Errorf("%s holds %q: %v, Check: %v", set, given[i], holds, err)
			}
		}
	}
}
