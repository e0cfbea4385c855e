package storetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"zohocrm/oauth"
)

func valueChecks() []check {
	return []check{
		{name: "ValueKept", run: valueKept},
		{name: "ValueLong", run: valueLong},
		{name: "ValueTooLong", run: valueTooLong, needs: func(b Backend) string { return missing(b.MaxChars == 0, "MaxChars") }},
		{name: "ValueRefused", run: valueRefused},
		{name: "ValueTimes", run: valueTimes},
	}
}

// odd are values that break a store which builds its statements or lines as
// text. They are kept byte for byte.
func odd() []string {
	return []string{
		"O'Brien", `a,b"c`, `"`, `""`, `'`, `,`, "%s %d %!", "?", "$1", ":id", "@p1", `\`, `a\`, `\\n`, `\N`, "NULL", "null", "nil",
		"' or id='2", "'; drop table oauthtoken; --", "--", "-- x", "/*", "#", ";", "`", "=1+1", "@x", "0", "1e3", "true", "{}", "[]",
		"\x00"[:0] + "\u007f", "\u0001\u001b[31m", "a\tb", " ", "  two  ", "\u2028", "\ufeff", "\u0085", "\ufffd",
		"😀 token", "👩‍👩‍👧", "שלום עולם", "\u202eright to left", "日本語", "ﷺ", "e\u0301", "\U0010ffff",
	}
}

// withText puts text into every text column that a user's token has.
func withText(text string) oauth.Token {
	return oauth.Token{
		UserName: "u" + text, ClientID: text, ClientSecret: secret(text), RedirectURL: text, GrantToken: secret("g" + text),
		RefreshToken: secret(text + "r"), AccessToken: secret(text), Expiry: noon(), APIDomain: text,
	}
}

// Defects: D7, D8, D11.
func valueKept(f *fixture) {
	var rows []oauth.Token
	for _, text := range odd() {
		t := withText(text)
		saved := f.save(t)
		f.columns(saved, stored(t, saved), fmt.Sprintf("Save of %q", text))
		rows = append(rows, saved)
	}
	for _, f := range f.again() {
		f.holds(rows...)
		for _, row := range rows {
			f.finds(oauth.Token{UserName: row.UserName, ClientID: row.ClientID}, row)
			f.finds(oauth.Token{GrantToken: row.GrantToken}, row)
			f.finds(oauth.Token{RefreshToken: row.RefreshToken}, row)
		}
	}
	// Keys that would reach every row, had they been taken for more than a value.
	for _, text := range []string{"' or '1'='1", `" or ""="`, "%", "*", "_", `\`, "' or id='" + rows[0].ID} {
		f.findsNot(oauth.Token{UserName: text}, oauth.ErrNotFound)
		f.fails(f.s.Delete(f.ctx, text, ""), oauth.ErrNotFound, "Delete(%q)", text)
	}
	f.holds(rows...)
}

// long are texts of exactly n characters, of one to four bytes each.
func long(n int) []string {
	var texts []string
	for _, char := range []string{"x", "é", "漢", "😀"} {
		texts = append(texts, strings.Repeat(char, n))
	}
	return texts
}

// ofLength cuts or fills a marked secret to n characters of the text.
func ofLength(prefix, text string, n int) oauth.Secret {
	head := []rune("1000." + mark + "." + prefix + ".")
	return oauth.NewSecret(string(head) + string([]rune(text)[:n-len(head)]))
}

// longest is a token whose text columns all have n characters.
func longest(text string, n int) oauth.Token {
	text = string([]rune(text)[:n])
	return oauth.Token{
		UserName: text, ClientID: text, ClientSecret: ofLength("c", text, n), RedirectURL: text, GrantToken: ofLength("g", text, n),
		RefreshToken: ofLength("r", text, n), AccessToken: ofLength("a", text, n), Expiry: noon(), APIDomain: text,
	}
}

// sdkChars is how many characters the SDKs' columns hold.
const sdkChars = 255

// valueLong: what the SDKs' columns hold is kept, and what is longer is kept or
// refused, but never cut.
func valueLong(f *fixture) {
	held := f.b.MaxChars
	if held == 0 {
		held = sdkChars
	}
	var rows []oauth.Token
	for _, text := range long(held) {
		rows = append(rows, f.keepsLong(longest(text, held)))
	}
	for _, text := range long(4000) {
		t := longest(text, 4000)
		if _, err := f.s.Save(f.ctx, t); err == nil {
			rows = append(rows, f.keepsLong(t))
		} else {
			f.fails(err, oauth.ErrInvalidValue, "Save of 4000 characters")
		}
	}
	for _, f := range f.again() {
		f.holds(rows...)
	}
}

func (f *fixture) keepsLong(t oauth.Token) oauth.Token {
	f.Helper()
	saved := f.save(t)
	f.columns(saved, stored(t, saved), "Save of long values")
	f.finds(oauth.Token{UserName: t.UserName, RefreshToken: t.RefreshToken}, saved)
	return saved
}

// texts sets one text column of a token, for the columns that take any text.
func texts() map[string]func(t *oauth.Token, text string) {
	return map[string]func(t *oauth.Token, text string){
		"user_name":     func(t *oauth.Token, text string) { t.UserName = text },
		"client_id":     func(t *oauth.Token, text string) { t.ClientID = text },
		"client_secret": func(t *oauth.Token, text string) { t.ClientSecret = oauth.NewSecret(text) },
		"refresh_token": func(t *oauth.Token, text string) { t.RefreshToken = oauth.NewSecret(text) },
		"access_token":  func(t *oauth.Token, text string) { t.AccessToken = oauth.NewSecret(text) },
		"grant_token":   func(t *oauth.Token, text string) { t.GrantToken = oauth.NewSecret(text) },
		"redirect_url":  func(t *oauth.Token, text string) { t.RedirectURL = text },
		"api_domain":    func(t *oauth.Token, text string) { t.APIDomain = text },
	}
}

// refuses wants a Save with this value to be refused for its column, both as an
// insert and as an update, before anything is written.
func (f *fixture) refuses(column, text string, rows []oauth.Token) {
	f.Helper()
	insert := minimal("new")
	update := oauth.Token{ID: rows[0].ID, Version: rows[0].Version}
	texts()[column](&insert, text)
	texts()[column](&update, text)
	if column == "user_name" {
		update = oauth.Token{ID: rows[1].ID, UserName: text} // nameless
	}
	if column == "client_id" {
		update.ID, update.Version = rows[1].ID, ""
	}
	for _, t := range []oauth.Token{insert, update} {
		_, err := f.s.Save(f.ctx, t)
		var refused *oauth.ValueError
		switch {
		case !errors.Is(err, oauth.ErrInvalidValue):
			f.Errorf("Save of an unfit %s: %v; want %q", column, err, oauth.ErrInvalidValue)
		case !errors.As(err, &refused):
			f.Errorf("Save of an unfit %s: %T; want an *oauth.ValueError", column, err)
		case refused.Column != column:
			f.Errorf("Save of an unfit %s names the column %q", column, refused.Column)
		}
		if err != nil && strings.Contains(err.Error(), text) {
			f.Errorf("the error about an unfit %s tells its value", column)
		}
	}
}

func (f *fixture) refuseRows() []oauth.Token {
	f.Helper()
	bare := oauth.Token{RefreshToken: secret("bare")}
	return []oauth.Token{f.save(filled("alice")), f.save(bare)}
}

func valueTooLong(f *fixture) {
	rows := f.refuseRows()
	for column := range texts() {
		for _, text := range long(f.b.MaxChars + 1) {
			f.refuses(column, text, rows)
		}
	}
	f.holds(rows...)
}

func valueRefused(f *fixture) {
	rows := f.refuseRows()
	for column := range texts() {
		for _, text := range []string{
			mark + "\n", mark + "\r", "\r\n" + mark, mark + "\x00", "\x00" + mark, mark + "\nid,user_name\n9,mallory",
			mark + "\xff", mark + "\xc3\x28", "\xed\xa0\x80" + mark, // not UTF-8: stray bytes, a lone surrogate
		} {
			f.refuses(column, text, rows)
		}
	}
	for _, id := range []string{"7\n8", "7\r", "7\x00", "7\xff"} {
		t := minimal("new")
		t.ID = id
		_, err := f.s.Save(f.ctx, t)
		f.fails(err, oauth.ErrInvalidValue, "Save with the id %q", id)
	}
	f.holds(rows...)
	// To look for such a value is no fault: nothing is there.
	f.findsNot(oauth.Token{UserName: "a\nb"}, oauth.ErrNotFound)
	f.findsNot(oauth.Token{RefreshToken: secret("\xff")}, oauth.ErrNotFound)
	f.findsNot(oauth.Token{ID: "7\x00"}, oauth.ErrNotFound)
}

// valueTimes: times are kept to the millisecond, in whichever zone they came.
// A time that the store cannot hold is refused like any other value.
func valueTimes(f *fixture) {
	zone := time.FixedZone("east", 5*3600+1800)
	for i, expiry := range []time.Time{
		noon(), noon().Add(999999), noon().In(zone), time.UnixMilli(1), time.UnixMilli(1893456000001), {},
		time.Date(9999, time.December, 31, 23, 59, 59, 999e6, time.UTC),
		time.Now(), // with a monotonic clock reading
	} {
		t := oauth.Token{UserName: fmt.Sprint("user", i), AccessToken: secret("a"), Expiry: expiry}
		saved := f.save(t)
		want := expiry.Truncate(time.Millisecond)
		for _, f := range f.again() {
			got := f.get(saved.ID)
			if !saved.Expiry.Equal(want) || !got.Expiry.Equal(want) {
				f.Errorf("Expiry %v: Save gives %v, Get %v, want %v", expiry, saved.Expiry, got.Expiry, want)
			}
			f.same(got, saved, "Get")
		}
	}
	rows := f.list()
	for i, expiry := range []time.Time{
		time.UnixMilli(0), time.UnixMilli(-1), time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		saved, err := f.s.Save(f.ctx, oauth.Token{UserName: fmt.Sprint("far", i), AccessToken: secret("a"), Expiry: expiry})
		if errors.Is(err, oauth.ErrInvalidValue) {
			continue
		}
		if err != nil {
			f.Errorf("Save with the Expiry %v: %v; want %q", expiry, err, oauth.ErrInvalidValue)
			continue
		}
		got, err := f.s.Get(f.ctx, saved.ID)
		if err != nil || !got.Expiry.Equal(expiry) {
			f.Fatalf("Save took the Expiry %v, and Get gives %v, %v; want it kept or %q", expiry, got.Expiry, err, oauth.ErrInvalidValue)
		}
		rows = append(rows, got)
	}
	f.holds(rows...)
}
