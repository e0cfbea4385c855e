package sim

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// maxForm bounds the body of a request to the accounts server.
const maxForm = 64 << 10

// params are the parameters of a request to the accounts server, from the query
// and from the body. Zoho's SDKs send the body as a urlencoded form, as
// multipart/form-data (Node.js), or joined without any escaping (PHP, C#); all
// three are read. Body values come first.
type params map[string]string

// readParams reads query and body. A body over maxForm is an error.
func readParams(w http.ResponseWriter, r *http.Request) (params, error) {
	p := params{}
	p.addForm(r.URL.RawQuery)
	body := http.MaxBytesReader(w, r.Body, maxForm)
	kind, attrs, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case kind == "multipart/form-data":
		return p, p.addMultipart(multipart.NewReader(body, attrs["boundary"]))
	case kind == "application/x-www-form-urlencoded", err != nil:
		text, err := io.ReadAll(body)
		if err != nil {
			return p, err
		}
		p.addForm(string(text))
	default:
		if _, err := io.Copy(io.Discard, body); err != nil {
			return p, err
		}
	}
	return p, nil
}

// addForm reads k=v pairs. A value that is not valid escaping is taken as it
// is, which is what reading an unescaped body comes to.
func (p params) addForm(text string) {
	for pair := range strings.SplitSeq(text, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key == "" {
			continue
		}
		p[unescaped(key)] = unescaped(value)
	}
}

func unescaped(s string) string {
	plain, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return plain
}

func (p params) addMultipart(parts *multipart.Reader) error {
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		p[part.FormName()] = string(value)
	}
}
