package storetest

import (
	"fmt"

	"zohocrm/oauth"
)

func matchChecks() []check {
	return []check{
		{name: "MatchUserExactly", run: matchUserExactly},
		{name: "MatchTokenExactly", run: matchTokenExactly},
		{name: "MatchClientExactly", run: matchClientExactly},
		{name: "MatchIDExactly", run: matchIDExactly},
	}
}

// alike are values that a database's collation, a CSV reader or a helpful
// function takes for one another. All of them are different.
func alike() []string {
	return []string{
		"josé@example.com",        // composed
		"jose\u0301@example.com",  // the same letters, decomposed
		"jose@example.com",        // accents dropped
		"José@example.com",        // case
		"JOSÉ@EXAMPLE.COM",        // case
		"josé@example.com ",       // trailing space: SQL's PAD SPACE
		" josé@example.com",       // leading space
		"josé@example.com\t",      // tab
		"josé@example.com\u00a0",  // no-break space
		"josé\u200b@example.com",  // zero width space
		"josé@example.co_",        // LIKE
		"josé%",                   // LIKE
		"jos*",                    // GLOB
		"josé@ex\uff41mple.com",   // full width a
		"jossé@example.com",       //
		"joßé@example.com",        // ß is ss to some collations
		`"josé@example.com"`,      // quotes
		"josé@example.com,1",      // separator
		`josé\@example.com`,       // escape
		"0e123",                   // a number to PHP, equal to the next
		"0e456",                   //
		"josé@example.com:10001",  // as the SDKs name a user
		"josé@example.com:010001", // zeros
	}
}

// Defects: D23, D26.
func matchUserExactly(f *fixture) {
	values := alike()
	last := len(values) - 1
	var rows []oauth.Token
	for i, name := range values[:last] {
		t := minimal(name)
		t.RefreshToken = secret(fmt.Sprint("r", i))
		rows = append(rows, f.save(t))
	}
	for i, row := range rows {
		f.finds(oauth.Token{UserName: values[i]}, row)
	}
	f.findsNot(oauth.Token{UserName: values[last]}, oauth.ErrNotFound)
	f.holds(rows...)
}

// Defects: D23.
func matchTokenExactly(f *fixture) {
	values := alike()
	last := len(values) - 1
	var rows []oauth.Token
	for i, v := range values[:last] {
		rows = append(rows, f.save(oauth.Token{
			UserName: fmt.Sprint("user", i), GrantToken: secret("g" + v), RefreshToken: secret("r" + v), AccessToken: secret("a" + v),
		}))
	}
	for i, row := range rows {
		f.finds(oauth.Token{GrantToken: secret("g" + values[i])}, row)
		f.finds(oauth.Token{RefreshToken: secret("r" + values[i])}, row)
		f.finds(oauth.Token{AccessToken: secret("a" + values[i])}, row)
	}
	f.findsNot(oauth.Token{GrantToken: secret("g" + values[last])}, oauth.ErrNotFound)
	f.findsNot(oauth.Token{RefreshToken: secret("r" + values[last])}, oauth.ErrNotFound)
	f.findsNot(oauth.Token{AccessToken: secret("a" + values[last])}, oauth.ErrNotFound)
	f.holds(rows...)
}

// Defects: D23.
func matchClientExactly(f *fixture) {
	values := alike()
	var rows []oauth.Token
	for i, v := range values {
		rows = append(rows, f.save(oauth.Token{UserName: "alice", ClientID: v, RefreshToken: secret(fmt.Sprint("r", i))}))
	}
	for i, row := range rows {
		f.finds(oauth.Token{UserName: "alice", ClientID: values[i]}, row)
	}
	f.holds(rows...)
}

// matchIDExactly: IDs are text, not numbers.
//
// Defects: D23, D24, D26.
func matchIDExactly(f *fixture) {
	id := f.save(filled("alice")).ID
	for _, other := range []string{"0" + id, id + " ", " " + id, "+" + id, id + ".0", id + "e0", id + "\t", id + "x", "%", "' or id='" + id} {
		_, err := f.s.Get(f.ctx, other)
		f.fails(err, oauth.ErrNotFound, "Get(%q) beside id %q", other, id)
		f.fails(f.s.Delete(f.ctx, other, ""), oauth.ErrNotFound, "Delete(%q) beside id %q", other, id)
		f.findsNot(oauth.Token{ID: other, UserName: "alice"}, oauth.ErrNotFound)
	}
	f.get(id)
}
