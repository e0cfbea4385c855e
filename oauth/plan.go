package oauth

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Plan is what a Save does, decided by [PlanSave] and carried out by a store in
// one step, under its lock or in its transaction.
type Plan struct {
	// Row is what is to stand in the store. An empty ID asks for a new one, see
	// [NextID]. Version is not set.
	Row Token
	// Old is the row that Row takes the place of; with an empty Version, there
	// is none and Row is inserted.
	Old Token
	// Remove is a nameless row that goes in the same step; with an empty Version
	// there is none.
	Remove Token
}

// Insert reports whether the plan adds a row.
func (p Plan) Insert() bool { return p.Old.Version == "" }

// ColumnsChange reports whether any of the ten columns is written. If not, at
// most side data are.
func (p Plan) ColumnsChange() bool {
	return p.Insert() || p.Remove.Version != "" || p.Row.Row().Version() != p.Old.Version
}

// PlanSave decides, by the rules on [Store], what saving t does. rows must
// answer with rows that carry their Version, and must see what no other writer
// changes until the plan is carried out. now is the time for CreatedAt and
// UpdatedAt.
func PlanSave(t Token, now time.Time, rows Rows) (Plan, error) {
	plan, err := pick(t, rows)
	if err != nil {
		return Plan{}, err
	}
	row := plan.Row
	if row.sideSecret().IsZero() {
		return Plan{}, fmt.Errorf("%w: a token needs a refresh, grant or access token", ErrIncompleteKey)
	}
	now = now.UTC().Truncate(time.Millisecond)
	for _, at := range []*time.Time{&row.Expiry, &row.CreatedAt, &row.UpdatedAt, &row.LastUsedAt} {
		if !at.IsZero() {
			*at = at.UTC().Truncate(time.Millisecond)
		}
	}
	if row.CreatedAt.IsZero() {
		row.CreatedAt = now
	}
	row.Version = ""
	plan.Row = row
	if plan.ColumnsChange() {
		plan.Row.UpdatedAt = now
	}
	return plan, nil
}

func pick(t Token, rows Rows) (Plan, error) {
	row, err := Resolve(t, rows)
	switch {
	case err == nil && t.Version != "" && row.Version != t.Version:
		return Plan{}, fmt.Errorf("%w: id %q", ErrConflict, row.ID)
	case err == nil:
		return over(t, row, rows)
	case !errors.Is(err, ErrNotFound):
		return Plan{}, err
	case t.Version != "":
		return Plan{}, fmt.Errorf("%w: it is not there any more", ErrConflict)
	}
	// An unknown ID of a user who has a row: one user of one client, one row.
	named, ok, err := namedRow(t, rows)
	if err != nil {
		return Plan{}, err
	}
	if ok {
		return replace(t, named)
	}
	return Plan{Row: t}, nil
}

// over plans an update of row, which may be nameless and have to give way to the
// row of the user whose name it is given.
func over(t, row Token, rows Rows) (Plan, error) {
	if row.UserName != "" || t.UserName == "" {
		return replace(t, row)
	}
	merged := Merge(t, row)
	named, ok, err := namedRow(merged, rows)
	switch {
	case err != nil:
		return Plan{}, err
	case !ok:
		return replace(t, row)
	}
	merged.ID, merged.Version = "", ""
	plan, err := replace(merged, named)
	plan.Remove = row
	return plan, err
}

// replace plans row's columns with t laid over. A caller who has not read the
// row, and so gives no Version, must not move it to another data centre or
// environment.
func replace(t, row Token) (Plan, error) {
	if t.Version == "" && differ(trimBase(t.APIDomain), trimBase(row.APIDomain)) {
		return Plan{}, fmt.Errorf("%w: user %q is stored for %s, not for %s", ErrMismatch, row.UserName, row.APIDomain, t.APIDomain)
	}
	return Plan{Row: Merge(t, row), Old: row}, nil
}

func trimBase(u string) string { return strings.ToLower(strings.TrimRight(u, "/")) }

// namedRow finds the row of t's user and client, whatever its ID.
func namedRow(t Token, rows Rows) (Token, bool, error) {
	if t.UserName == "" {
		return Token{}, false, nil
	}
	row, err := Resolve(Token{UserName: t.UserName, ClientID: t.ClientID}, rows)
	if errors.Is(err, ErrNotFound) {
		return Token{}, false, nil
	}
	return row, err == nil, err
}

// maxID is the greatest ID that every official SDK can count on from: Java and
// C# parse it as a signed 32-bit number.
const maxID = 2147483646

// NextID is the ID of a new row: the next number that keeps the official SDKs
// counting too. highest is the greatest number among the IDs, those of deleted rows
// included where they are remembered.
//
// In a text column the SDKs take the greatest ID as text, add one, and so stop
// at "10". There textColumn is set and textMax is the greatest all-digit ID in
// text order: past 9, numbers start at 900000001, where text order and number
// order are the same.
func NextID(highest int64, textColumn bool, textMax string) (string, error) {
	next := highest + 1
	if textColumn && next > 9 {
		padded := textMax
		if len(padded) < 9 {
			padded += strings.Repeat("0", 9-len(padded))
		}
		afterText, err := strconv.ParseInt(padded, 10, 64)
		if err != nil {
			afterText = 0
		}
		next = max(next, 900000001, afterText+1)
	}
	if next > maxID {
		return "", &ValueError{Column: "id", Reason: "the numbers that the official SDKs can read are used up"}
	}
	return strconv.FormatInt(next, 10), nil
}

// NumberOf is the ID as a number for [NextID]; 0 for an ID that is not one.
func NumberOf(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 0 || n > maxID {
		return 0
	}
	return n
}

// Check refuses a row that no store holds faithfully: a value with CR, LF or
// NUL, which breaks the SDKs' files, one that is not UTF-8, one longer than
// maxChars characters (0: any length), or an expiry outside the years 1970 to
// 9999.
func (r Row) Check(maxChars int) error {
	if t, err := parseExpiry(r.ExpiryTime); err != nil || t.IsZero() && r.ExpiryTime != "" {
		return &ValueError{Column: "expiry_time", Reason: "it is not after 1970 and before 9999"}
	}
	names := Columns()
	for i, v := range r.Values() {
		switch {
		case strings.ContainsAny(v, "\r\n\x00"):
			return &ValueError{Column: names[i], Reason: "it holds a line break or a NUL"}
		case !utf8.ValidString(v):
			return &ValueError{Column: names[i], Reason: "it is not UTF-8"}
		case maxChars > 0 && utf8.RuneCountInString(v) > maxChars:
			return &ValueError{Column: names[i], Reason: fmt.Sprintf("it is longer than %d characters", maxChars)}
		}
	}
	return nil
}
