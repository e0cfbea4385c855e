package rediskv

import (
	"strconv"
	"time"

	"zohocrm/oauth"
)

// Fields of a row's hash behind the ten columns.
const (
	scopeField = iota + 10
	accountsField
	createdField
	updatedField
	lastUsedField
	sideKeyField
	fieldCount
)

// fields are the names of a row's fields in the order of their values.
func fields() []string {
	return append(oauth.Columns(), "scope", "accounts_url", "created_at", "updated_at", "last_used_at", "side_key")
}

// encode gives a token's values in the order of fields.
func encode(t oauth.Token) [fieldCount]string {
	columns := t.Row().Values()
	var v [fieldCount]string
	copy(v[:], columns[:])
	v[scopeField], v[accountsField] = t.Scope, t.AccountsURL
	v[createdField], v[updatedField], v[lastUsedField] = milli(t.CreatedAt), milli(t.UpdatedAt), milli(t.LastUsedAt)
	v[sideKeyField] = t.SideKey()
	return v
}

// decode is the token of these values. Side data that belong to another token,
// or cannot be read, are left out: losing them is harmless.
func decode(v [fieldCount]string) (oauth.Token, error) {
	t, err := oauth.RowOf([10]string(v[:10])).Token()
	if err != nil || v[sideKeyField] != t.SideKey() {
		return t, err
	}
	return t.WithSide(oauth.Token{
		Scope: v[scopeField], AccountsURL: v[accountsField],
		CreatedAt: moment(v[createdField]), UpdatedAt: moment(v[updatedField]), LastUsedAt: moment(v[lastUsedField]),
	}), nil
}

// milli is a time in Unix milliseconds.
func milli(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

func moment(text string) time.Time {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
