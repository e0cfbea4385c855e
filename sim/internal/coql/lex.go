package coql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind int

const (
	end    kind = iota
	word        // a name or keyword
	number      // digits, perhaps with a sign and a point
	text        // a quoted text
	mark        // an operator, bracket or comma
)

// token is a piece of a query. Line and column count from 1, as Zoho's answers do.
type token struct {
	kind         kind
	text         string // without quotes
	raw          string // as it was written
	line, column int
}

// is reports whether the token is the keyword, in any case.
func (t token) is(keyword string) bool { return t.kind == word && strings.EqualFold(t.raw, keyword) }

// lexer cuts a query into tokens.
type lexer struct {
	rest         string
	line, column int
}

func (l *lexer) take(n int) string {
	piece := l.rest[:n]
	l.rest = l.rest[n:]
	for _, r := range piece {
		if r == '\n' {
			l.line, l.column = l.line+1, 1
		} else {
			l.column++
		}
	}
	return piece
}

// next returns the next token. A text that is not closed is an error.
func (l *lexer) next() (token, *Error) {
	l.take(len(l.rest) - len(strings.TrimLeftFunc(l.rest, unicode.IsSpace)))
	t := token{line: l.line, column: l.column}
	if l.rest == "" {
		return t, nil
	}
	switch c := l.rest[0]; {
	case c == '\'' || c == '"':
		return l.quoted(t, c)
	case c == '-' || c >= '0' && c <= '9':
		t.kind = number
		t.raw = l.take(1 + span(l.rest[1:], func(r rune) bool { return r == '.' || r >= '0' && r <= '9' }))
	case c == '_' || c == '$' || unicode.IsLetter(firstRune(l.rest)):
		t.kind = word
		t.raw = l.take(span(l.rest, func(r rune) bool {
			return r == '_' || r == '$' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r)
		}))
	default:
		t.kind = mark
		_, n := utf8.DecodeRuneInString(l.rest)
		for _, two := range []string{"!=", "<=", ">=", "<>"} {
			if strings.HasPrefix(l.rest, two) {
				n = 2
			}
		}
		t.raw = l.take(n)
	}
	t.text = t.raw
	return t, nil
}

// quoted reads a text in single or double quotes; the quote is doubled inside.
func (l *lexer) quoted(t token, quote byte) (token, *Error) {
	var b strings.Builder
	for i := 1; i < len(l.rest); i++ {
		if l.rest[i] != quote {
			b.WriteByte(l.rest[i])
			continue
		}
		if i+1 < len(l.rest) && l.rest[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		t.kind, t.text = text, b.String()
		t.raw = l.take(i + 1)
		return t, nil
	}
	t.raw = l.rest
	return t, syntax(t)
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// span is the length of the first characters of s that all fit.
func span(s string, fits func(rune) bool) int {
	n := strings.IndexFunc(s, func(r rune) bool { return !fits(r) })
	if n < 0 {
		return len(s)
	}
	return n
}

// syntax is the error of a token that does not belong where it stands.
func syntax(t token) *Error {
	near := t.raw
	if len(near) > 50 {
		near = strings.ToValidUTF8(near[:50], "")
	}
	return &Error{Code: "SYNTAX_ERROR", Message: "invalid query formed",
		Details: map[string]any{"near": near, "line": t.line, "column": t.column}}
}

// missing is the error of a query without one of its clauses.
func missing(clause string) *Error {
	return &Error{Code: "SYNTAX_ERROR", Message: "missing clause", Details: map[string]any{"clause": clause}}
}

// tooMany is the error of a clause with more than its limit.
func tooMany(clause string, limit int) *Error {
	return &Error{Code: "LIMIT_EXCEEDED", Message: "limit exceeded for the clause",
		Details: map[string]any{"clause": clause, "limit": limit}}
}
