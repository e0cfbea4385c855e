package crm

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Request is any call of the API, for [Client.Do].
type Request struct {
	// Method is the HTTP method. "": GET.
	Method string
	// Path is the path below the token's API domain, such as "/crm/v8/Leads",
	// escaped as in a URL. It may carry a query ("?type=CurrentUser"), to which
	// Query is added. Other hosts cannot be named.
	Path string
	// Query are the parameters.
	Query url.Values
	// Header are further headers. Authorization is not accepted. A body is
	// application/json unless Content-Type says otherwise.
	Header http.Header
	// Body is sent as it is if it is a []byte, a json.RawMessage or an
	// io.Reader; nil sends none; everything else is sent as its JSON. A reader
	// is never closed. It can be sent again after the token was refused only if
	// it is a file, *bytes.Reader, *strings.Reader, *bytes.Buffer or another
	// io.Seeker with io.ReaderAt, and is then sent from where it stands.
	Body any

	// What only the methods of the API areas say.
	heavy  bool     // counts as heavy, whatever its path says
	file   bool     // a file goes up or down: it may take long and be large
	upload bool     // to the upload host of the token's data centre
	target string   // an absolute URL instead of Path, which must be of that data centre
	cost   int      // credits, where the path does not say; 0: 1
	about  string   // the module, where neither path nor query says it
	names  []string // of fields, for suggestions
}

// call is a Request that was checked, without the host and the token, which
// may differ between its two attempts.
type call struct {
	method string
	path   string // escaped, without query
	query  url.Values
	header http.Header
	body   body

	heavy, file, upload bool
	target              *url.URL // nil: path
	cost                int
	about               string
	names               []string
}

func newCall(r Request) (*call, error) {
	c := &call{method: r.Method, header: r.Header.Clone(), query: url.Values{}, file: r.file, upload: r.upload, cost: r.cost, about: r.about, names: r.names}
	if r.target != "" {
		target, err := url.Parse(r.target)
		if err != nil || target.Host == "" {
			return nil, errors.New("crm: Zoho's answer has no usable address")
		}
		c.target, r.Path = target, target.EscapedPath()
	}
	if c.method == "" {
		c.method = http.MethodGet
	}
	if c.header == nil {
		c.header = http.Header{}
	}
	for name := range c.header {
		if strings.EqualFold(name, "Authorization") {
			return nil, errors.New("crm: the Authorization header is set from the token: leave it out of Request.Header")
		}
	}
	path, query, _ := strings.Cut(r.Path, "?")
	if err := checkPath(path); err != nil {
		return nil, fmt.Errorf("crm: Request.Path: %w", err)
	}
	c.path = path
	inPath, err := url.ParseQuery(query)
	if err != nil {
		return nil, errors.New("crm: Request.Path: the query after ? cannot be read: use Request.Query")
	}
	for _, values := range []url.Values{inPath, r.Query} {
		for name, list := range values {
			c.query[name] = append(c.query[name], list...)
		}
	}
	c.body, err = newBody(r.Body)
	if err != nil {
		return nil, fmt.Errorf("crm: Request.Body: %w", err)
	}
	c.heavy = r.heavy || c.isHeavy()
	return c, nil
}

// isHeavy reports whether the address alone makes a call one of those of which
// Zoho runs ten at once (Zoho: api-limits).
func (c *call) isHeavy() bool {
	last := c.path[strings.LastIndexByte(c.path, '/')+1:]
	return c.query.Has("cvid") || c.query.Has("sort_by") || last == "coql" || last == "convert" || last == "send_mail"
}

// checkPath refuses everything that could lead out of the API's base URL.
func checkPath(path string) error {
	plain, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return errors.New("wrong escaping: use url.PathEscape for names in it")
	case !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//"):
		return errors.New(`it must begin with one "/", as in "/crm/v8/Leads"; the host comes from the token`)
	case strings.ContainsAny(plain, "\\#") || strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return errors.New(`backslash, "#" and control characters are not allowed`)
	}
	for segment := range strings.SplitSeq(plain, "/") {
		if segment == "." || segment == ".." {
			return errors.New(`"." and ".." are not allowed as parts`)
		}
	}
	return nil
}
