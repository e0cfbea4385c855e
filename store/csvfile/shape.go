package csvfile

import (
	"errors"
	"slices"
	"strings"

	"zohocrm/oauth"
)

// The number of columns of each generation of the SDKs, and so what a header
// says about the rows. Zero is a file without a header.
const (
	ruby1   = 6  // user_mail, client_id, refresh_token, access_token, grant_token, expiry_time
	ruby2   = 9  // the ten without api_domain
	current = 10 // oauth.Columns, with redirect_uri for redirect_url when Python wrote them
)

// headerOf reports the generation that the fields are the header of, and the
// names of unknown columns behind the known ones. 0: they are not a header.
func headerOf(values []string) (columns int, extra []string) {
	names := oauth.Columns()
	switch {
	case len(values) == ruby1 && headed(values, []string{names[1], names[2], names[4], names[5], names[6], names[7]}):
		return ruby1, nil
	case len(values) == ruby2 && headed(values, names[:ruby2]):
		return ruby2, nil
	case len(values) >= current && headed(values[:current], names):
		return current, values[current:]
	}
	return 0, nil
}

// isOldHeader tells a header of the older SDKs, which say user_mail, from the
// start of a newer one.
func isOldHeader(values []string) bool { return slices.Contains(values, "user_mail") }

func headed(values, names []string) bool {
	return slices.EqualFunc(values, names, func(value, name string) bool {
		value = strings.ToLower(strings.TrimSpace(value))
		return value == name || name == "user_name" && value == "user_mail" || name == "redirect_url" && value == "redirect_uri"
	})
}

// Why a line is no row. The texts name the fault and quote nothing.
var (
	errCut     = errors.New("the line ends too early: the file was cut, or a program was stopped while writing it")
	errQuote   = errors.New("a quoted value does not end on its line")
	errColumns = errors.New("not a line of a token file: it has another number of columns")
	errNUL     = errors.New("it holds a NUL byte: the file was damaged, or is not a token file")
)

// record is a line that is not a header, cut into its fields.
type record struct {
	line   string // with a line feed
	raw    string // without
	values []string
	bare   bool // a quote in it means nothing
	cut    bool // the file ends within or right behind it, without a line feed
	number int  // of the line, from 1
}

// columns sorts the record's fields into the ten columns, and what is behind
// them. header is the generation that the file's header names, 0 without one;
// a row of nine fields or of ten and more reads the same under any of them.
// width is how many fields a line of this file has, to notice one cut short.
//
// A short row is filled up with empty columns if the file has a header of its
// kind, so that one odd line does not stop everything; it is never guessed at
// in a file without one, which may be some other file altogether.
func (r *record) columns(header, width int) (ten [current]string, extra []string, err error) {
	n := len(r.values)
	switch {
	case r.cut && n < width:
		return ten, nil, errCut
	case r.bare && n < ruby2:
		return ten, nil, errQuote
	case n == ruby1 && r.isRuby1(header):
		v := r.values
		return [current]string{1: v[0], 2: v[1], 4: v[2], 5: v[3], 6: v[4], 7: v[5]}, nil, nil
	case n >= ruby2, n > 1 && header >= ruby2:
		extra = r.values[min(n, current):]
		copy(ten[:], r.values)
		return ten, extra, nil
	}
	return ten, nil, errColumns
}

// isRuby1 tells a row of six columns, which starts with a mail address and ends
// with a time, from the start of a longer one.
func (r *record) isRuby1(header int) bool {
	mail, expiry := r.values[0], r.values[ruby1-1]
	return header == ruby1 || strings.Contains(mail, "@") && strings.Trim(expiry, "0123456789.") == ""
}
