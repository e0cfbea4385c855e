package oauth

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Row is a token as the official SDKs store it: ten columns of plain text, with
// their names and in their order. Missing values are empty. It is how tokens
// are written and read, so its fields are secrets in the clear. It prints without
// them where fmt and slog call its methods, which they do not for %p, for
// unexported fields and for slices in a JSON log; and it marshals with them. Let
// it live for as short as possible.
type Row struct {
	ID           string `json:"id"`
	UserName     string `json:"user_name"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RefreshToken string `json:"refresh_token"`
	AccessToken  string `json:"access_token"`
	GrantToken   string `json:"grant_token"`
	ExpiryTime   string `json:"expiry_time"` // Unix time in milliseconds, decimal
	RedirectURL  string `json:"redirect_url"`
	APIDomain    string `json:"api_domain"`
}

// Columns are the SDKs' column names, in their order.
func Columns() []string {
	return []string{
		"id", "user_name", "client_id", "client_secret", "refresh_token",
		"access_token", "grant_token", "expiry_time", "redirect_url", "api_domain",
	}
}

// Values are the row's columns in the order of [Columns].
func (r Row) Values() [10]string {
	return [10]string{
		r.ID, r.UserName, r.ClientID, r.ClientSecret, r.RefreshToken,
		r.AccessToken, r.GrantToken, r.ExpiryTime, r.RedirectURL, r.APIDomain,
	}
}

// RowOf is the inverse of [Row.Values].
func RowOf(v [10]string) Row {
	return Row{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]}
}

// Version is a hash of the ten columns as stored: equal rows have equal
// versions, whoever wrote them.
func (r Row) Version() string {
	buf := make([]byte, 0, 512) // most rows fit, and one hash call is quicker than ten
	for _, v := range r.Values() {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(v)))
		buf = append(buf, v...)
	}
	return hexOf(sha256.Sum256(buf), 16)
}

// Row gives the ten columns in plain text, ready to be stored or exported.
func (t Token) Row() Row {
	expiry := ""
	if !t.Expiry.IsZero() {
		expiry = strconv.FormatInt(t.Expiry.UnixMilli(), 10)
	}
	return Row{
		ID: t.ID, UserName: t.UserName, ClientID: t.ClientID, ClientSecret: t.ClientSecret.Reveal(),
		RefreshToken: t.RefreshToken.Reveal(), AccessToken: t.AccessToken.Reveal(), GrantToken: t.GrantToken.Reveal(),
		ExpiryTime: expiry, RedirectURL: t.RedirectURL, APIDomain: t.APIDomain,
	}
}

// Token is the row as a Token, with its Version. An expiry_time that is not a
// time is [ErrCorrupt].
func (r Row) Token() (Token, error) {
	expiry, err := parseExpiry(r.ExpiryTime)
	if err != nil {
		return Token{}, &CorruptError{Place: fmt.Sprintf("expiry_time of row %q", r.ID), Reason: err.Error()}
	}
	return Token{
		ID: r.ID, UserName: r.UserName, ClientID: r.ClientID, ClientSecret: NewSecret(r.ClientSecret),
		RedirectURL: r.RedirectURL, GrantToken: NewSecret(r.GrantToken), RefreshToken: NewSecret(r.RefreshToken),
		AccessToken: NewSecret(r.AccessToken), Expiry: expiry, APIDomain: r.APIDomain, Version: r.Version(),
	}, nil
}

// maxExpiryMilli is 9999-12-31: later times have no RFC 3339 form.
const maxExpiryMilli = 253402300799999

// parseExpiry reads expiry_time. PHP keeps it as a float, so a fraction is cut.
func parseExpiry(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	whole, fraction, _ := strings.Cut(text, ".")
	ms, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || ms < 0 || ms > maxExpiryMilli || strings.Trim(fraction, "0123456789") != "" {
		return time.Time{}, fmt.Errorf("not a Unix time in milliseconds")
	}
	if ms == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(ms).UTC(), nil
}

// String names the row without its secrets.
func (r Row) String() string {
	return fmt.Sprintf("row{id:%q user:%q client:%q refresh:%q access:%q}", r.ID, r.UserName, r.ClientID,
		NewSecret(r.RefreshToken).Fingerprint(), NewSecret(r.AccessToken).Fingerprint())
}

// GoString is String: %#v shows no secret either.
func (r Row) GoString() string { return r.String() }

// Format is String under every verb that calls it.
func (r Row) Format(f fmt.State, _ rune) { io.WriteString(f, r.String()) }

// LogValue is String.
func (r Row) LogValue() slog.Value { return slog.StringValue(r.String()) }
