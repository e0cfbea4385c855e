package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/transfer"
)

// TestCopyDuplicates: of what two programs of an SDK left for one user, the row
// that Find means is copied, wherever the batches end.
func TestCopyDuplicates(t *testing.T) {
	early, late, other := user(1), user(1), user(1)
	early.Expiry, early.AccessToken = noon().Add(-time.Hour), oauth.NewSecret("early")
	late.ID = "7"
	other.ID, other.ClientID = "8", "1000.OTHER"
	for size := 1; size < 6; size++ {
		for _, rows := range [][]oauth.Token{{early, user(2), late, other}, {late, user(2), early, other}} {
			to := memory.New(memory.Config{})
			for _, inserted := range []int{3, 0} {
				report := copied(t, newFixed(t, rows...), to, transfer.Config{BatchSize: size})
				counts(t, report, inserted, 0, 3-inserted)
				if want := []transfer.Duplicate{{ID: "1", UserName: "user1", Kept: "7"}}; !slices.Equal(report.Duplicates, want) {
					t.Errorf("duplicates are %v, want %v", report.Duplicates, want)
				}
				sameRows(t, to, []oauth.Token{late, user(2), other})
			}
		}
	}
}

// TestCopyDuplicatesOfOneID: both programs counted to the same ID, too.
func TestCopyDuplicatesOfOneID(t *testing.T) {
	early, late := user(1), user(1)
	early.Expiry, early.AccessToken = noon().Add(-time.Hour), oauth.NewSecret("early")
	to := memory.New(memory.Config{})
	report := copied(t, newFixed(t, early, user(2), late), to, transfer.Config{})
	counts(t, report, 2, 0, 0)
	if want := []transfer.Duplicate{{ID: "1", UserName: "user1", Kept: "1"}}; !slices.Equal(report.Duplicates, want) {
		t.Errorf("duplicates are %v, want %v", report.Duplicates, want)
	}
	sameRows(t, to, []oauth.Token{late, user(2)})
}

// TestCopyAmbiguous: what Find in the source cannot tell apart is for a person
// to decide.
func TestCopyAmbiguous(t *testing.T) {
	nobodys, twin, nameless := user(1), user(3), user(2)
	nobodys.ID, nobodys.ClientID = "7", "" // of user1, of which client nobody knows
	twin.ID = "5"                          // the ID of user5
	nameless.ID, nameless.UserName = "8", ""
	rows := []oauth.Token{user(1), user(2), twin, user(4), user(5), nobodys, nameless}
	to := memory.New(memory.Config{})
	report, err := transfer.Copy(context.Background(), newFixed(t, rows...), to, transfer.Config{})
	sums(t, report)
	var refused []string
	for _, r := range report.Refused {
		refused = append(refused, r.ID+r.UserName)
		if !errors.Is(r.Err, oauth.ErrAmbiguous) {
			t.Errorf("id %q: %v, want %v", r.ID, r.Err, oauth.ErrAmbiguous)
		}
	}
	if want := []string{"1user1", "5user3", "5user5", "7user1", "8"}; !slices.Equal(refused, want) || !errors.Is(err, oauth.ErrAmbiguous) {
		t.Errorf("refused are %v (%v), want %v", refused, err, want)
	}
	sameRows(t, to, []oauth.Token{user(2), user(4)})
}

// TestCopyAmbiguousInTheTarget: the same there.
func TestCopyAmbiguousInTheTarget(t *testing.T) {
	one, two := user(1), user(1)
	two.ID, two.ClientID = "2", "1000.OTHER"
	to := filled(t, one, two)
	before := all(t, to)
	nobodys := user(1)
	nobodys.ID, nobodys.ClientID = "9", ""
	report, err := transfer.Copy(context.Background(), newFixed(t, nobodys, user(3)), to, transfer.Config{})
	if !errors.Is(err, oauth.ErrAmbiguous) || len(report.Refused) != 1 || report.Inserted != 1 {
		t.Errorf("%v, %v; want one refused and one inserted", report, err)
	}
	if !slices.Equal(all(t, to)[:2], before) {
		t.Error("the target's rows were changed")
	}
}

// login is a token that has no user name yet.
func login(n int) oauth.Token {
	t := user(n)
	t.UserName = ""
	return t
}

// TestCopyNameless: a token without a user name is known by its secrets, in the
// target's row that got a name meanwhile, too.
func TestCopyNameless(t *testing.T) {
	to := memory.New(memory.Config{})
	from := newFixed(t, login(1), user(2), login(3))
	counts(t, copied(t, from, to, transfer.Config{}), 3, 0, 0)
	sameRows(t, to, from.rows)
	counts(t, copied(t, from, to, transfer.Config{}), 0, 0, 3)
	if _, err := to.Save(context.Background(), oauth.Token{ID: "3", UserName: "user3"}); err != nil {
		t.Fatal(err)
	}
	counts(t, copied(t, from, to, transfer.Config{}), 0, 0, 3)
	sameRows(t, to, []oauth.Token{login(1), user(2), user(3)})
	// And one that got its name in the source.
	moved := user(1)
	moved.ID = "30"
	report := copied(t, newFixed(t, moved, user(2)), to, transfer.Config{})
	counts(t, report, 0, 1, 1)
	if want := []transfer.IDChange{{From: "30", To: "1", UserName: "user1"}}; !slices.Equal(report.Renumbered, want) {
		t.Errorf("renumbered are %v, want %v", report.Renumbered, want)
	}
	sameRows(t, to, []oauth.Token{user(1), user(2), user(3)})
}

// TestCopyLogins: which of the target's rows a token without a name is, of which
// it is not, and that it is laid over no other.
func TestCopyLogins(t *testing.T) {
	secrets := func(grant, refresh, access string) oauth.Token {
		row := oauth.Token{ID: "1", ClientID: "1000.C", GrantToken: oauth.NewSecret(grant), RefreshToken: oauth.NewSecret(refresh), AccessToken: oauth.NewSecret(access)}
		if access != "" {
			row.Expiry = noon()
		}
		return row
	}
	named := func(row oauth.Token) oauth.Token {
		row.UserName = "user1"
		return row
	}
	later := func(row oauth.Token) oauth.Token {
		row.Expiry = row.Expiry.Add(time.Hour)
		return row
	}
	another := func(row oauth.Token) oauth.Token {
		row.ClientID = "1000.D"
		return row
	}
	with := func(row oauth.Token, id string) oauth.Token {
		row.ID = id
		return row
	}
	for _, c := range []struct {
		name           string
		source, target oauth.Token
		want           []oauth.Token // in the target
		err            error
	}{
		{"code, exchanged since", secrets("g", "", ""), named(secrets("g", "r", "a")), []oauth.Token{named(secrets("g", "r", "a"))}, nil},
		{"code, exchanged in the source", secrets("g", "r", "a"), secrets("g", "", ""), []oauth.Token{secrets("g", "r", "a")}, nil},
		{"access token alone, refreshed since", secrets("", "", "a"), named(secrets("", "r", "b")), []oauth.Token{named(secrets("", "r", "b")), with(secrets("", "", "a"), "2")}, nil},
		{"same code, another access token", later(secrets("g", "", "b")), named(secrets("g", "r", "a")), []oauth.Token{named(secrets("g", "r", "a"))}, oauth.ErrConflict},
		{"same login, refreshed", later(secrets("g", "r", "b")), named(secrets("g", "r", "a")), []oauth.Token{named(later(secrets("g", "r", "b")))}, nil},
		{"a user's code that was not exchanged", with(secrets("g", "r", "a"), "5"), named(secrets("g", "", "")), []oauth.Token{named(secrets("g", "", "")), with(secrets("g", "r", "a"), "5")}, nil},
		{"the same, under its ID", secrets("g", "r", "a"), named(secrets("g", "", "")), []oauth.Token{named(secrets("g", "", ""))}, oauth.ErrAmbiguous},
		{"another login with the same code", with(secrets("g", "s", "b"), "5"), secrets("g", "r", "a"), []oauth.Token{secrets("g", "r", "a"), with(secrets("g", "s", "b"), "5")}, nil},
		{"a user's other login with the same code", named(secrets("g", "s", "b")), secrets("g", "r", "a"), []oauth.Token{secrets("g", "r", "a")}, oauth.ErrAmbiguous},
		{"of another client", another(secrets("g", "r", "a")), secrets("g", "r", "a"), []oauth.Token{secrets("g", "r", "a"), with(another(secrets("g", "r", "a")), "2")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := filled(t, c.target)
			for range 2 {
				report, err := transfer.Copy(context.Background(), newFixed(t, c.source), to, transfer.Config{})
				if sums(t, report); !errors.Is(err, c.err) {
					t.Errorf("%v, want %v", err, c.err)
				}
				sameRows(t, to, c.want)
			}
		})
	}
}

// TestCopyLoginsOfOneUser: the target's row of a user is of a login that the
// source has twice over: under a newer one of that user, and without a name.
func TestCopyLoginsOfOneUser(t *testing.T) {
	old, now := login(1), user(1)
	now.ID, now.RefreshToken, now.CreatedAt = "2", oauth.NewSecret("now"), noon()
	now.AccessToken, now.GrantToken = oauth.NewSecret("now"), oauth.NewSecret("now")
	for _, rows := range [][]oauth.Token{{old, now}, {now, old}} {
		for _, size := range []int{1, 2} {
			to := filled(t, user(1), user(2))
			from := newFixed(t, rows...)
			report := copied(t, from, to, transfer.Config{BatchSize: size})
			counts(t, report, 1, 1, 0)
			want := renumbered(t, rows, report)
			sameRows(t, to, append(want, user(2)))
			counts(t, copied(t, from, to, transfer.Config{BatchSize: size}), 0, 0, 2)
		}
	}
}

// TestCopyIDsTaken: both stores have counted from 1. No row is laid over another
// user's, nor over a nameless one.
func TestCopyIDsTaken(t *testing.T) {
	var occupants []oauth.Token
	for i, t := range users(101, 111) {
		t.ID = fmt.Sprint(i + 1)
		if i%3 == 0 {
			t.UserName = ""
		}
		occupants = append(occupants, t)
	}
	for _, size := range []int{1, 3, 0} {
		rows := users(1, 21)
		rows[2], rows[7], rows[12] = login(3), login(8), login(13)
		to := filled(t, occupants...)
		from := newFixed(t, rows...)
		report := copied(t, from, to, transfer.Config{BatchSize: size})
		counts(t, report, 20, 0, 0)
		sameRows(t, to, append(renumbered(t, rows, report), occupants...))
		for _, change := range report.Renumbered[:10] {
			if change.To == change.From || change.To == "" {
				t.Errorf("%v", change)
			}
		}
		again := copied(t, from, to, transfer.Config{BatchSize: size})
		counts(t, again, 0, 0, 20)
		if !slices.Equal(again.Renumbered, report.Renumbered) {
			t.Errorf("the second copy tells of %v, the first of %v", again.Renumbered, report.Renumbered)
		}
	}
}

// renumbered is rows with the IDs that the report says they have in the target.
func renumbered(t failer, rows []oauth.Token, report transfer.Report) []oauth.Token {
	t.Helper()
	moved := slices.Clone(rows)
	for _, change := range report.Renumbered {
		i := slices.IndexFunc(rows, func(t oauth.Token) bool { return t.ID == change.From && t.UserName == change.UserName })
		if i < 0 {
			t.Fatalf("%v is of no token of the source", change)
		}
		moved[i].ID = change.To
	}
	return moved
}

// TestCopyIntoAStoreWithIDsOfItsOwn: it gives IDs that later tokens bring.
func TestCopyIntoAStoreWithIDsOfItsOwn(t *testing.T) {
	var rows []oauth.Token
	for i, t := range users(1, 31) {
		switch { // 30, x29, 28, 27, ... : the target gives 1, 2, 3, 4, ...
		case i%5 == 1:
			t.ID = "x" + fmt.Sprint(30-i)
		default:
			t.ID = fmt.Sprint(30 - i)
		}
		if i%4 == 3 {
			t.UserName = ""
		}
		rows = append(rows, t)
	}
	for _, size := range []int{1, 4, 0} {
		to := newRenumbering()
		from := newFixed(t, rows...)
		report := copied(t, from, to, transfer.Config{BatchSize: size})
		counts(t, report, 30, 0, 0)
		sameRows(t, to, renumbered(t, rows, report))
		counts(t, copied(t, from, to, transfer.Config{BatchSize: size}), 0, 0, 30)
	}
}

// TestCopyWithoutIDs: a source that knows none.
func TestCopyWithoutIDs(t *testing.T) {
	rows := []oauth.Token{user(1), user(2)}
	rows[0].ID, rows[1].ID = "", ""
	to := filled(t, user(3))
	report := copied(t, newFixed(t, rows...), to, transfer.Config{})
	counts(t, report, 2, 0, 0)
	if len(report.Renumbered) != 0 {
		t.Errorf("renumbered are %v, though there were no IDs", report.Renumbered)
	}
	rows[0].ID, rows[1].ID = "4", "5"
	sameRows(t, to, append(rows, user(3)))
}

// TestCopyFromAStoreInUse: List shows a row as it was, Find as it is.
func TestCopyFromAStoreInUse(t *testing.T) {
	listed := newFixed(t, user(1), user(2), login(3))
	now := user(1)
	now.AccessToken = oauth.NewSecret("now")
	named := user(3) // the login turned out to be one of a user who had a row
	named.ID = "9"
	from := &moving{newFixed(t, now, named), listed}
	to := memory.New(memory.Config{})
	report := copied(t, from, to, transfer.Config{})
	if report.Inserted != 1 || report.Gone != 2 {
		t.Errorf("%v, want one inserted and two gone", report)
	}
	sameRows(t, to, []oauth.Token{now})
}

// moving is a store that lists what it held before.
type moving struct {
	*fixed
	before *fixed
}

func (s *moving) List(ctx context.Context) iter.Seq2[oauth.Token, error] { return s.before.List(ctx) }
