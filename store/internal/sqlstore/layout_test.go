package sqlstore

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

func testLayout(t *testing.T, id Column) layout {
	t.Helper()
	shape := Shape{Exists: true, UniqueID: true}
	for _, name := range oauth.Columns() {
		shape.Columns = append(shape.Columns, Column{Name: name, Size: 255})
	}
	id.Name = "id"
	shape.Columns[0] = id
	shape.Columns[7].Size = 0 // expiry_time
	l, err := newLayout(Dialect{}, "t", shape)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestIDsThatColumnsHold(t *testing.T) {
	text, number, endless := testLayout(t, Column{Size: 10}), testLayout(t, Column{Integer: true}), testLayout(t, Column{})
	for id, want := range map[string][3]bool{
		"":                      {false, false, false},
		"1":                     {true, true, true},
		"0":                     {true, false, true},
		"-1":                    {true, false, true},
		"007":                   {true, false, true},
		"+7":                    {true, false, true},
		"2147483647":            {true, true, true},
		"2147483648":            {true, false, true},
		"ruby_alice":            {true, false, true},
		"ruby_alices":           {false, false, true},
		"äöüäöüäöüä":            {true, false, true},
		strings.Repeat("x", 99): {false, false, true},
	} {
		for i, l := range []layout{text, number, endless} {
			if got := l.holdsID(id); got != want[i] {
				t.Errorf("layout %d holds %q: %v, want %v", i, id, got, want[i])
			}
		}
	}
}

func TestCheckNamesTheColumn(t *testing.T) {
	l := testLayout(t, Column{Size: 10})
	fits := oauth.Token{ID: "1", UserName: strings.Repeat("ä", 255), Expiry: time.UnixMilli(253402300799999)}
	if err := l.check(fits.Row()); err != nil {
		t.Errorf("what fits: %v", err)
	}
	for column, token := range map[string]oauth.Token{
		"user_name":     {UserName: strings.Repeat("ä", 256)},
		"refresh_token": {RefreshToken: oauth.NewSecret(strings.Repeat("s", 256))},
		"api_domain":    {APIDomain: strings.Repeat("x", 256)},
	} {
		err := l.check(token.Row())
		var value *oauth.ValueError
		if !errors.As(err, &value) || value.Column != column || strings.Contains(err.Error(), "sss") {
			t.Errorf("%s: %v", column, err)
		}
	}
}

// Defects: D8.
func TestPlaceholdersAreNumbered(t *testing.T) {
	d := Dialect{Placeholder: func(n int) string { return fmt.Sprint("$", n) }}
	if got := d.number("a = ?, b = ? WHERE c = ?"); got != "a = $1, b = $2 WHERE c = $3" {
		t.Error(got)
	}
}

// TestCacheIsBounded, by reading, by writing and together.
func TestCacheIsBounded(t *testing.T) {
	var c cache
	for i := range 3 * cacheSize {
		row := oauth.Row{ID: fmt.Sprint(i)}
		c.keep(row, oauth.Token{}, "")
		c.put(1, row.ID, beside{})
	}
	if len(c.parsed) > cacheSize || len(c.sides.rows) > cacheSize {
		t.Errorf("%d rows and %d side rows are remembered, want at most %d", len(c.parsed), len(c.sides.rows), cacheSize)
	}
	for i := range 3 * cacheSize {
		c.put(int64(i)+1, "x", beside{})
		c.advance(int64(i)+1, map[string]beside{fmt.Sprint(i): {}})
	}
	if len(c.sides.rows) > cacheSize+1 {
		t.Errorf("%d side rows are remembered after writing, want at most %d", len(c.sides.rows), cacheSize+1)
	}
}
