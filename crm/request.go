package crm

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"zohocrm/oauth"
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
}

// call is a Request that was checked, without the host and the token, which
// may differ between its two attempts.
type call struct {
	method string
	path   string // escaped, without query
	query  url.Values
	header http.Header
	body   body
}

func newCall(r Request) (*call, error) {
	c := &call{method: r.Method, header: r.Header.Clone(), query: url.Values{}}
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
	return c, nil
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

// url is where the call goes with this token: to the token's own API domain, if
// the directory knows it.
func (c *Client) url(call *call, token *oauth.Token) (*url.URL, error) {
	domain := token.APIDomain
	if domain == "" {
		domain = c.apiURL
	}
	if domain == "" {
		return nil, errors.New("the token has no API domain: set Config.APIURL, or connect the user again")
	}
	base, err := url.Parse(strings.TrimRight(domain, "/"))
	if err != nil || base.Opaque != "" || base.RawQuery != "" || base.ForceQuery || base.Fragment != "" {
		return nil, errors.New("the token's API domain is not a base URL such as https://www.zohoapis.com: connect the user again")
	}
	escaped := base.EscapedPath() + call.path
	base.Path, err = url.PathUnescape(escaped)
	if err != nil {
		return nil, errors.New("the token's API domain is not a base URL such as https://www.zohoapis.com: connect the user again")
	}
	base.RawPath = escaped
	if err := c.directory.Check(base); err != nil {
		return nil, fmt.Errorf("no token is sent there: %w: connect the user again, or add the host to Config.Directory", err)
	}
	base.RawQuery = call.query.Encode()
	return base, nil
}
