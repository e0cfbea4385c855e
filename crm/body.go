package crm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// body is what a call sends. open gives a new reader for each attempt, which
// shares no position with another: an attempt that was answered early may
// still be read by the transport when the next one begins.
type body struct {
	open func() io.Reader // nil: no body
	size int64            // -1: not known
	once bool             // open works only for the first attempt
}

func newBody(v any) (body, error) {
	switch v := v.(type) {
	case nil:
		return body{}, nil
	case body:
		return v, nil
	case []byte:
		return bytesBody(v), nil
	case json.RawMessage:
		return bytesBody(v), nil
	case *bytes.Buffer:
		return bytesBody(v.Bytes()), nil
	case io.Reader:
		return readerBody(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return body{}, fmt.Errorf("not JSON: %w", err)
	}
	return bytesBody(text), nil
}

func bytesBody(text []byte) body {
	return body{open: func() io.Reader { return bytes.NewReader(text) }, size: int64(len(text))}
}

func readerBody(r io.Reader) (body, error) {
	file, ok := r.(interface {
		io.Seeker
		io.ReaderAt
	})
	if !ok {
		return body{open: func() io.Reader { return r }, size: -1, once: true}, nil
	}
	from, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		// Pipes and terminals are *os.File too, and cannot seek.
		return body{open: func() io.Reader { return r }, size: -1, once: true}, nil
	}
	end, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(from, io.SeekStart)
	}
	if err != nil {
		return body{}, fmt.Errorf("the size of the body cannot be found: %w", err)
	}
	size := max(end-from, 0)
	return body{open: func() io.Reader { return io.NewSectionReader(file, from, size) }, size: size}, nil
}

// errOnce explains why a call with a reader was not repeated.
var errOnce = errors.New("the body was a reader that can be read only once, so the call was not repeated, and a fresh token is ready: call again with a new reader, or give a []byte or a file")
