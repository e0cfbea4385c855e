package jsonscan

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"unicode/utf8"
)

// string reads a string with its quotes.
func (s *Scanner) string() {
	s.expect('"')
	if s.bad {
		return
	}
	text, at := s.text, s.at
	for at < len(text) {
		for at+8 <= len(text) {
			if n := plainBytes(binary.LittleEndian.Uint64(text[at:])); n < 8 {
				at += n
				break
			}
			at += 8
		}
		if at == len(text) {
			break
		}
		switch c := text[at]; {
		case c == '"':
			s.at = at + 1
			return
		case c == '\\':
			n := escape(text[at:])
			if n == 0 {
				s.bad = true
				return
			}
			at += n
		case c < ' ':
			s.bad = true
			return
		default:
			at++
		}
	}
	s.bad = true
}

// plainBytes tells how many of eight bytes, from the lowest, come before the
// first that ends or changes a string: a quote, a backslash, a control
// character. The subtractions set the high bit of such a byte; they may borrow
// from the bytes above it, but those come later.
func plainBytes(x uint64) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, slash := x^ones*'"', x^ones*'\\'
	hits := ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*' ')&^x) & highs
	return bits.TrailingZeros64(hits) / 8
}

// escape gives the length of the escape sequence at the start of text, 0 if it
// is none.
func escape(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(text) < 6 {
			return 0
		}
		for _, c := range text[2:6] {
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return 0
			}
		}
		return 6
	}
	return 0
}

// number reads a number as RFC 8259 section 6 spells it.
func (s *Scanner) number() {
	if s.peek() == '-' {
		s.at++
	}
	if s.peek() == '0' {
		s.at++
	} else {
		s.digits()
	}
	if s.peek() == '.' {
		s.at++
		s.digits()
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.at++
		if c := s.peek(); c == '+' || c == '-' {
			s.at++
		}
		s.digits()
	}
}

// digits reads one digit or more.
func (s *Scanner) digits() {
	from := s.at
	for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
		s.at++
	}
	if s.at == from {
		s.bad = true
	}
}

func (s *Scanner) peek() byte {
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

// NameIs reports whether a member's name, as [Scanner.Object] gives it, spells name.
func NameIs(spelled []byte, name string) bool {
	if plain(spelled) {
		return string(spelled) == name
	}
	return Text(spelled) == name
}

// Text decodes what stands between the quotes of a well-formed string as
// encoding/json does.
func Text(spelled []byte) string {
	if plain(spelled) {
		return string(spelled)
	}
	quoted := make([]byte, 0, len(spelled)+2)
	quoted = append(append(append(quoted, '"'), spelled...), '"')
	var text string
	if json.Unmarshal(quoted, &text) != nil {
		return ""
	}
	return text
}

// plain reports whether a string is spelled as what it says.
func plain(spelled []byte) bool {
	return bytes.IndexByte(spelled, '\\') < 0 && utf8.Valid(spelled)
}
