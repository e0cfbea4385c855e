package csvfile

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

// TestSaveAllWritesOncePerBatch: the price of a batch is one writing.
func TestSaveAllWritesOncePerBatch(t *testing.T) {
	r := newRig(t, newFile(t, three, time.Minute))
	writes := 0
	r.replace = func(from, to string) error {
		if strings.HasSuffix(to, "tokens.csv") {
			writes++
		}
		return replace(from, to)
	}
	users := func(n int) iter.Seq[oauth.Token] {
		return func(yield func(oauth.Token) bool) {
			for i := range n {
				if !yield(oauth.Token{UserName: fmt.Sprint("user", i), RefreshToken: oauth.NewSecret(fmt.Sprint("r", i))}) {
					return
				}
			}
		}
	}
	const many = 2*oauth.BatchSize + 1
	if err := r.SaveAll(t.Context(), users(many)); err != nil || writes != 3 {
		t.Errorf("%d writes, %v; want 3", writes, err)
	}
	if err := r.SaveAll(t.Context(), users(many)); err != nil || writes != 3 {
		t.Errorf("%d writes, %v; want 3, as nothing is new", writes, err)
	}
	want, err := parse("f", fileText(t, r.path), 0, nil)
	if err != nil || len(want.rows) != 3+many {
		t.Fatal(err)
	}
	equal(t, r.view.table, want)
}

// TestSaveAllIsPlannedInOrder: each Save sees what those before it did, and a
// refused one leaves the file alone.
func TestSaveAllIsPlannedInOrder(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	good := []oauth.Token{
		{RefreshToken: oauth.NewSecret("login"), ClientID: "c"},
		{ID: "4", UserName: "bob", Scope: "s"}, // names it: bob's row takes it over
		{UserName: "dave", RefreshToken: oauth.NewSecret("rd")},
		{UserName: "dave", AccessToken: oauth.NewSecret("ad")},
	}
	var refused *oauth.BatchError
	err := r.SaveAll(t.Context(), slices.Values(append(slices.Clone(good), oauth.Token{UserName: "erin"})))
	if !errors.As(err, &refused) || refused.Index != 4 || !errors.Is(err, oauth.ErrIncompleteKey) || fileText(t, path) != three {
		t.Errorf("a batch with a token that is refused: %v", err)
	}
	if err := r.SaveAll(t.Context(), slices.Values(good)); err != nil {
		t.Fatal(err)
	}
	want := header + "1,alice,c,s,ra,aa,,1795308985119,,https://www.zohoapis.com\n2,bob,c,s,login,,,,,https://www.zohoapis.com\n" +
		"3,carol,c,s,rc,ac,,1795308985119,,https://www.zohoapis.com\n5,dave,,,rd,ad,,,,\n"
	if got := fileText(t, path); got != want {
		t.Errorf("the file is\n%s want\n%s", got, want)
	}
	if bob, err := r.Find(t.Context(), oauth.Token{UserName: "bob"}); err != nil || bob.Scope != "s" {
		t.Errorf("side data of a batch: %q, %v", bob.Scope, err)
	}
}
