package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// What records hold was typed by strangers. A pipe or file gets it byte for byte; a
// terminal would obey it: move the cursor, change its title, or show text in another
// order than it is read by programs.

// commandsTerminal reports whether a character is no text but a command to a
// terminal: a control character (C0, DEL, C1), or one that turns the direction of
// the text around it (Unicode, UAX #9).
func commandsTerminal(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// cellForTerminal is a cell of a CSV file as a terminal may show it: on one line,
// with U+FFFD for each command and each byte that is no UTF-8.
func cellForTerminal(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t':
			return ' '
		case commandsTerminal(r):
			return utf8.RuneError
		}
		return r
	}, text)
}

// jsonForTerminal is JSON that means the same and has no commands in it: they stand
// in its strings, and there as escapes. Blanks between its parts stay.
func jsonForTerminal(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			out = append(out, `\ufffd`...) // what every reader of JSON makes of it
		case commandsTerminal(r) && r != '\n' && r != '\r' && r != '\t':
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = append(out, text[i:i+size]...)
		}
		i += size
	}
	return out
}
