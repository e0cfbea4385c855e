package memory

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"zohocrm/oauth"
)

// TestTableLikeList compares the table with a plain list, whose rows are
// searched from end to end. It is put back to where it was by rollback.
func TestTableLikeList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab := newTable()
		var list, committed []oauth.Token
		value := rapid.SampledFrom([]string{"", "x", "y", "z"})
		row := func(id string) oauth.Token {
			return oauth.Token{
				ID: id, UserName: value.Draw(t, "user"), GrantToken: oauth.NewSecret(value.Draw(t, "grant")),
				RefreshToken: oauth.NewSecret(value.Draw(t, "refresh")), AccessToken: oauth.NewSecret(value.Draw(t, "access")),
			}
		}
		for n := range rapid.IntRange(1, 30).Draw(t, "calls") {
			i := -1
			if len(list) > 0 {
				i = rapid.IntRange(0, len(list)-1).Draw(t, "at")
			}
			switch call := rapid.IntRange(0, 9).Draw(t, "call"); {
			case call < 4 || i < 0:
				r := row(fmt.Sprint(n))
				tab.insert(r)
				list = append(list, r)
			case call < 6:
				r := row(list[i].ID)
				tab.replace(list[i].ID, r)
				list[i] = r
			case call < 8:
				tab.remove(list[i].ID)
				list = slices.Delete(list, i, i+1)
			case call < 9:
				tab.commit()
				committed = slices.Clone(list)
			default:
				tab.rollback()
				list = slices.Clone(committed)
			}
			same(t, tab, list)
		}
	})
}

func same(t *rapid.T, tab *table, list []oauth.Token) {
	var got []oauth.Token
	for _, row := range tab.list() {
		got = append(got, *row)
	}
	if !slices.Equal(got, list) {
		t.Fatalf("the table lists %v, want %v", got, list)
	}
	plain, entries := oauth.RowsOf(list), map[entry]bool{}
	for _, k := range oauth.Keys() {
		values := []string{"x", "y", "z"}
		for _, row := range list {
			values = append(values, k.Of(row))
		}
		for _, v := range values {
			if v == "" {
				continue
			}
			got, _ := tab.find(k, v)
			want, _ := plain(k, v)
			if !slices.Equal(got, want) {
				t.Fatalf("%s %q finds %v, want %v", k.Column(), v, got, want)
			}
			if len(want) > 0 {
				entries[entry{k, v}] = true
			}
		}
	}
	if len(tab.index) != len(entries) {
		t.Fatalf("the index has %d entries, %v, want %d: what goes must not be kept", len(tab.index), slices.Collect(maps.Keys(tab.index)), len(entries))
	}
}
