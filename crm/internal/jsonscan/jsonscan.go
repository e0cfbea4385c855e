// Package jsonscan walks over JSON text and hands out the spans of its values,
// without decoding them and without allocating. It accepts exactly what
// encoding/json accepts, so that a page of records is checked and cut into
// records in one pass.
package jsonscan

// maxDepth is the nesting that encoding/json allows too.
const maxDepth = 10_000

// Scanner is a position in a JSON text. After a malformed value every method
// reports failure. It is used by one goroutine.
type Scanner struct {
	text  []byte
	at    int
	depth int
	bad   bool
}

// New returns a Scanner at the beginning of text, which is only read.
func New(text []byte) *Scanner { return &Scanner{text: text} }

// Valid reports whether text is one JSON value.
func Valid(text []byte) bool {
	s := Scanner{text: text}
	s.Value()
	return s.End()
}

// End reports whether everything was read and well formed.
func (s *Scanner) End() bool {
	s.space()
	return !s.bad && s.at == len(s.text)
}

// Next is the first byte of the next value: '{', '[', '"', ... or 0 at the end.
func (s *Scanner) Next() byte {
	s.space()
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

// Value reads the next value and returns its span, nil if it is malformed. The
// span shares the text and cannot be appended to.
func (s *Scanner) Value() []byte {
	s.space()
	from := s.at
	s.skip()
	if s.bad {
		return nil
	}
	return s.text[from:s.at:s.at]
}

// Object reads an object. For each member it calls member with the name as it
// is spelled between its quotes (see [NameIs]); member must read the value
// and may answer false to stop there. Object reports whether it read the whole
// object.
func (s *Scanner) Object(member func(name []byte) bool) bool {
	if !s.open('{') {
		return false
	}
	for first := true; !s.close('}', first); first = false {
		if s.bad {
			return false
		}
		s.space()
		from := s.at + 1
		s.string()
		to := s.at - 1
		s.space()
		s.expect(':')
		if s.bad || !member(s.text[from:to:to]) || s.bad {
			return false
		}
	}
	return true
}

// Array reads an array. It calls element before each element, which element
// must read; false stops there. Array reports whether it read the whole array.
func (s *Scanner) Array(element func() bool) bool {
	if !s.open('[') {
		return false
	}
	for first := true; !s.close(']', first); first = false {
		if s.bad || !element() || s.bad {
			return false
		}
	}
	return true
}

// open reads the bracket that begins an object or array.
func (s *Scanner) open(bracket byte) bool {
	s.space()
	s.expect(bracket)
	s.depth++
	if s.depth > maxDepth {
		s.bad = true
	}
	return !s.bad
}

// close reads the closing bracket, or else the comma before the next item,
// which the first item has not.
func (s *Scanner) close(bracket byte, first bool) bool {
	s.space()
	if s.at < len(s.text) && s.text[s.at] == bracket {
		s.at++
		s.depth--
		return true
	}
	if !first {
		s.expect(',')
	}
	return false
}

// skip reads one value, without the closures of Object and Array: this is the
// path that nearly all bytes take.
func (s *Scanner) skip() {
	if s.bad || s.at == len(s.text) {
		s.bad = true
		return
	}
	switch c := s.text[s.at]; c {
	case '"':
		s.string()
	case '{':
		s.open('{')
		for first := true; !s.bad && !s.close('}', first); first = false {
			s.space()
			s.string()
			s.space()
			s.expect(':')
			s.space()
			s.skip()
		}
	case '[':
		s.open('[')
		for first := true; !s.bad && !s.close(']', first); first = false {
			s.space()
			s.skip()
		}
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		s.number()
	}
}

func (s *Scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

func (s *Scanner) expect(c byte) {
	if s.at == len(s.text) || s.text[s.at] != c {
		s.bad = true
		return
	}
	s.at++
}

func (s *Scanner) word(w string) {
	if len(s.text)-s.at < len(w) || string(s.text[s.at:s.at+len(w)]) != w {
		s.bad = true
		return
	}
	s.at += len(w)
}
