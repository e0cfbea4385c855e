package crm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// File is a file to send. It goes up as it is read.
type File struct {
	// Name is what Zoho shows and later sends back, without folders.
	Name string
	// Body is read to its end and never closed. Of a file, a *bytes.Reader or
	// another io.Seeker with io.ReaderAt the size is checked before anything
	// is sent, and it can be sent again if the token was refused.
	Body io.Reader
	// Type is the media type. "": by the end of Name.
	Type string
}

// errReader marks the error of a reader that the caller gave.
var errReader = errors.New("the file could not be read")

// multipartBody is a form of files, each in the part called "file". It is put
// together while it is sent; limit bounds all files together, in bytes.
func multipartBody(limit int64, files ...File) (body, string, error) {
	var text bytes.Buffer
	form := multipart.NewWriter(&text)
	var segments []body
	var total int64
	for _, f := range files {
		header, err := f.header()
		if err != nil {
			return body{}, "", err
		}
		if _, err := form.CreatePart(header); err != nil {
			return body{}, "", err
		}
		content, err := readerBody(f.Body)
		if err != nil {
			return body{}, "", err
		}
		if content.size >= 0 {
			total += content.size
		}
		segments = append(segments, bytesBody(bytes.Clone(text.Bytes())), content)
		text.Reset()
	}
	if total > limit {
		return body{}, "", tooLarge(total, limit)
	}
	if err := form.Close(); err != nil {
		return body{}, "", err
	}
	segments = append(segments, bytesBody(bytes.Clone(text.Bytes())))
	return join(segments, limit), form.FormDataContentType(), nil
}

func tooLarge(size, limit int64) error {
	return fmt.Errorf("crm: %w: %d bytes, and Zoho takes %d: nothing was sent", ErrTooLarge, size, limit)
}

// header is that of the file's part, once the name is known to be harmless in it.
func (f File) header() (textproto.MIMEHeader, error) {
	strange := func(r rune) bool { return unicode.IsControl(r) || r == '/' || r == '\\' }
	switch {
	case f.Body == nil:
		return nil, errors.New("crm: File.Body is required")
	case f.Name == "" || f.Name == "." || f.Name == ".." || !utf8.ValidString(f.Name) || strings.ContainsFunc(f.Name, strange):
		return nil, errors.New("crm: File.Name must be a plain file name, without folders")
	}
	kind := f.Type
	if kind == "" {
		kind = mime.TypeByExtension(path.Ext(f.Name))
	}
	if _, _, err := mime.ParseMediaType(kind); err != nil || strings.ContainsFunc(kind, unicode.IsControl) {
		kind = "application/octet-stream"
	}
	name := strings.ReplaceAll(f.Name, `"`, "%22")
	return textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`},
		"Content-Type":        {kind},
	}, nil
}

// join makes one body of several. Those of unknown size are watched: past the
// limit the reading fails, and with it the call.
func join(segments []body, limit int64) body {
	all := body{}
	for _, s := range segments {
		if s.size < 0 || all.size < 0 {
			all.size = -1
		} else {
			all.size += s.size
		}
		all.once = all.once || s.once
	}
	all.open = func() io.Reader {
		left := limit
		readers := make([]io.Reader, len(segments))
		for i, s := range segments {
			readers[i] = s.open()
			if s.once {
				readers[i] = &bounded{r: readers[i], left: &left, limit: limit}
			}
		}
		return io.MultiReader(readers...)
	}
	return all
}

// bounded fails after too many bytes, instead of ending early as io.LimitReader does.
type bounded struct {
	r     io.Reader
	left  *int64
	limit int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if *b.left -= int64(n); *b.left < 0 {
		return 0, fmt.Errorf("%w: over %d bytes: the call was broken off", ErrTooLarge, b.limit)
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", errReader, err)
	}
	return n, err
}
