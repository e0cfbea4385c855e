package mysql

import (
	"strings"
	"unicode/utf8"

	"zohocrm/store/internal/sqlstore"
)

// fits implements Fits of the dialect. Of a character set that it does not know it
// says that everything fits: the server refuses what does not.
func fits(c sqlstore.Column, text string) bool {
	has := func(rune) bool { return true }
	switch charset(c.Collation) {
	case "ascii":
		has = func(r rune) bool { return r < utf8.RuneSelf }
	case "latin1":
		has = inLatin1
	case "utf8", "utf8mb3", "ucs2":
		has = func(r rune) bool { return r <= 0xffff }
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return !has(r) })
}

// inLatin1: MySQL's latin1 is Windows-1252, with a control character in each of the
// five places that are free there.
func inLatin1(r rune) bool {
	return r < 0x80 || 0xa0 <= r && r <= 0xff ||
		strings.ContainsRune("€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ\u0081\u008d\u008f\u0090\u009d", r)
}
