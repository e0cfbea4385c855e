package sqlstore

import (
	"strings"

	"zohocrm/oauth"
)

// standIn begins what stands in a NOT NULL user_name while nobody's name is known:
// "unnamed:" and the fingerprint of a secret of the row, so that no official SDK
// takes one login for another.
const standIn = "unnamed:sha256:"

// standInDigits is how many hex digits of the SHA-256 follow.
const standInDigits = 12

// isStandIn reports whether a stored user_name means that there is none.
func isStandIn(name string) bool {
	digits, is := strings.CutPrefix(name, standIn)
	return is && len(digits) == standInDigits && strings.Trim(digits, "0123456789abcdef") == ""
}

// stored is row as the table has it.
func (l layout) stored(row oauth.Row) oauth.Row {
	if !l.nameless || row.UserName != "" {
		return row
	}
	if key := secretsOf(row).SideKey(); key != "" {
		row.UserName = standIn + key[:standInDigits]
	}
	return row
}

// read is the inverse of [layout.stored].
func (l layout) read(row oauth.Row) oauth.Row {
	if l.nameless && isStandIn(row.UserName) {
		row.UserName = ""
	}
	return row
}
