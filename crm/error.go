package crm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode"

	"zohocrm/oauth"
)

// Error is an answer by which Zoho refused a call, or one record of it, or
// which is not Zoho's at all. errors.Is matches it with one of the sentinels,
// by Code first and by Status else; an answer that could not be read matches
// [ErrProtocol] too.
type Error struct {
	Status  int             // the HTTP status of the answer
	Code    string          // Zoho's code, such as "DUPLICATE_DATA"; "": none was given
	Message string          // Zoho's message, one line of at most 300 bytes
	Details json.RawMessage // Zoho's particulars, such as {"api_name":"Email"}; nil: none, or over 64 KiB
	Method  string          // of the request
	Path    string          // of the request, without its query

	// Wait is how long to wait before the call is made again, of ErrThrottled;
	// 0 of other errors.
	Wait time.Duration
	// Scopes are those that the token lacks, of ErrScope: ask for them when the
	// user is connected again. nil: not known.
	Scopes []string
	// Nearest is the name of a module or field that was probably meant. "": none.
	Nearest string

	foreign string // why the answer is not Zoho's; "": it is
	narrow  error  // a sentinel that the code alone does not tell; nil: by code and status
}

const (
	maxMessage = 300      // bytes
	maxDetails = 64 << 10 // bytes
)

// Error says in one line what failed, why, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Method != "" || e.Path != "" {
		b.WriteString(e.Method + " " + e.Path + ": ")
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, "%d ", e.Status)
	}
	for _, part := range []string{e.Code, e.Message, e.field(), e.place(), e.foreign} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	b.WriteString(e.kind().Error())
	if len(e.Scopes) > 0 {
		b.WriteString(": " + strings.Join(e.Scopes, ", "))
	}
	if e.Nearest != "" {
		b.WriteString(": did you mean " + e.Nearest + "?")
	}
	if e.Wait > 0 {
		b.WriteString(" (" + e.Wait.String() + ")")
	}
	return b.String()
}

// place says where a query is wrong (Zoho: COQL, SYNTAX_ERROR).
func (e *Error) place() string {
	if e.kind() != ErrSyntax {
		return ""
	}
	details := Record{e.Details}
	var words []string
	for _, key := range []string{"near", "line", "column", "clause"} {
		if text := oneLine(details.Text(key)); text != "" {
			words = append(words, key+" "+text[:min(len(text), 60)])
		}
	}
	return strings.ToValidUTF8(strings.Join(words, ", "), "")
}

// field names what the error is about, as far as Details says it.
func (e *Error) field() string {
	details := Record{e.Details}
	for _, key := range []string{"api_name", "column_name", "param_name", "param"} {
		if name := oneLine(details.Text(key)); name != "" {
			return name
		}
	}
	return ""
}

// Is matches the sentinels of this package.
func (e *Error) Is(target error) bool {
	kind := e.kind()
	return target == kind || target == wider(kind) || target == ErrProtocol && e.foreign != ""
}

func (e *Error) kind() error {
	if e.narrow != nil {
		return e.narrow
	}
	return kindOf(e.Status, e.Code)
}

// newError makes the error of an answer: from its JSON if it is an error of
// Zoho's, else from its status. The text of other answers (HTML of a proxy) is
// not shown. sent is the access token, which a proxy might have echoed.
func newError(call *call, answer *http.Response, text []byte, sent oauth.Secret) *Error {
	e := &Error{}
	if !sent.IsZero() {
		text = bytes.ReplaceAll(text, []byte(sent.Reveal()), []byte("(token)"))
	}
	if found, ok := findError(text); ok {
		e = errorOf(found)
	} else if answer.StatusCode != http.StatusNotModified {
		e.foreign = describe(answer, text)
	}
	e.Status, e.Method, e.Path = answer.StatusCode, call.method, call.path
	if about := (Record{e.Details}); e.Code == "INVALID_DATA" && (about.Text("param_name") == "page_token" || about.Text("api_name") == "page_token") {
		e.narrow = ErrPageToken
	}
	return e
}

// findError looks for an error in the shapes that Zoho sends: bare
// ({"code":"INVALID_TOKEN",...}), inside a list ({"data":[{...}]}, also "users",
// "org", ...), and the old one of throttling ({"code":429,"error":"TOO_..."}).
func findError(text []byte) (Record, bool) {
	body, err := ParseRecord(text)
	if err != nil {
		return Record{}, false
	}
	if body.Text("code") != "" || body.Text("error") != "" {
		return body, true
	}
	for _, value := range body.Fields() {
		for _, item := range objects(value) {
			if item.Text("code") != "" && item.Text("status") != "success" {
				return item, true
			}
		}
	}
	return Record{}, false
}

// isBareError reports whether the body of a success is an error all the same.
// Long bodies are data.
func isBareError(text []byte) bool {
	if len(text) > maxDetails {
		return false
	}
	body := Record{text}
	if status := body.Text("status"); status != "error" && status != "failure" {
		return false
	}
	return body.Text("code") != "" || body.Text("error") != ""
}

// errorOf reads one error object.
func errorOf(r Record) *Error {
	e := &Error{Code: codeWord(r.Text("code")), Message: oneLine(r.Text("message"))}
	if old := codeWord(r.Text("error")); old != "" && (e.Code == "" || e.Code[0] <= '9') {
		e.Code = old
	}
	if e.Message == "" {
		e.Message = oneLine(r.Text("error_info"))
	}
	if details := r.Raw("details"); len(details) > 2 && len(details) <= maxDetails {
		e.Details = bytes.Clone(details)
	}
	return e
}

// codeWord takes a code only if it looks like one.
func codeWord(code string) string {
	strange := func(r rune) bool {
		return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	if len(code) > 64 || strings.ContainsFunc(code, strange) {
		return ""
	}
	return code
}

// oneLine makes text fit for a line of a log.
func oneLine(text string) string {
	if len(text) > maxMessage {
		text = text[:maxMessage]
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// describe says what kind of answer came instead of Zoho's.
func describe(answer *http.Response, text []byte) string {
	if status := answer.StatusCode; status >= 300 && status < 400 {
		host := "another address"
		if to, err := answer.Location(); err == nil {
			host = oneLine(to.Host)
		}
		return "redirected to " + host + ", which is not followed"
	}
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	switch {
	case len(text) == 0:
		return "the answer is empty"
	case err != nil || kind == "application/json":
		return "the answer is not the JSON that was expected"
	}
	return "the answer is " + oneLine(kind)
}
