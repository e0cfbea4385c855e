package crm

import (
	"context"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
)

// FileInfo is what an answer says of the file that it carried.
type FileInfo struct {
	Name string // as Zoho has it, without folders; "": not said
	Type string // the media type; "": not said
	Size int64  // the bytes that were written
}

// download is the out of [Client.Do] for a file: it passes the bytes on and
// takes nothing else, so that a proxy's page or an error is never saved as one.
type download struct {
	w     io.Writer
	found bool
	info  FileInfo
}

func (d *download) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	d.info.Size += int64(n)
	return n, err
}

// takes looks at the answer's header. JSON and HTML are files only if the
// answer says so.
func (d *download) takes(answer *http.Response) bool {
	disposition, params, _ := mime.ParseMediaType(answer.Header.Get("Content-Disposition"))
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if disposition == "" && (kind == "application/json" || kind == "text/html") || answer.StatusCode == http.StatusNoContent {
		return false
	}
	name := params["filename"]
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if name = path.Base(oneLine(name)); name == "." || name == ".." || name == "/" {
		name = ""
	}
	d.info.Name, d.info.Type, d.found = name, oneLine(kind), true
	return true
}

// download brings a file. One that is not there is [ErrNotFound].
func (c *Client) download(ctx context.Context, r Request, w io.Writer) (FileInfo, error) {
	r.file = true
	to := &download{w: w}
	_, err := c.call(ctx, r, to)
	return to.info, err
}
