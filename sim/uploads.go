package sim

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
)

// maxParts bounds the parts of one upload.
const maxParts = 20

// upload is a file of a multipart request.
type upload struct {
	name string
	data []byte
}

// readUploads reads the parts called "file", at most limit bytes in all. other
// parts are skipped.
func readUploads(a *apiCall, limit int64) ([]upload, error) {
	if !isMultipart(a.r) {
		return nil, nil
	}
	parts, err := a.r.MultipartReader()
	if err != nil {
		return nil, err
	}
	var out []upload
	left := limit
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() != "file" {
			continue
		}
		if limit > 0 && left <= 0 {
			return nil, errTooBig
		}
		data, err := slurp(part, left)
		if err != nil {
			return nil, err
		}
		left -= int64(len(data))
		out = append(out, upload{partName(part), data})
	}
	return out, nil
}

func partName(p *multipart.Part) string {
	if p.FileName() == "" {
		return "file"
	}
	return p.FileName()
}

// uploadProblem turns an error of an upload into an answer. tooBig is what the
// endpoint says of a file over its limit.
func uploadProblem(err error, tooBig *problem) *problem {
	switch {
	case errors.Is(err, errTooBig):
		return tooBig
	case errors.Is(err, errFull):
		return newProblem(http.StatusBadRequest, "STORAGE_SPACE_EXCEEDED", "storage space exceeded")
	}
	return invalidRequest()
}

func invalidRequest() *problem {
	return newProblem(http.StatusBadRequest, "INVALID_REQUEST",
		"unable to process your request. please verify whether you have entered proper method name, parameter and parameter values.")
}

// writeFile answers with a file.
func writeFile(w http.ResponseWriter, contentType, name string, data []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+urlName(name))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	w.Write(data)
}

// urlName writes a file name in the form of a header's extended value (RFC 8187).
func urlName(name string) string {
	out := make([]byte, 0, len(name))
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' {
			out = append(out, c)
			continue
		}
		out = append(out, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
	}
	return string(out)
}

// fileID is the ID of an uploaded file, of the look of Zoho's.
func fileID() string {
	var b [32]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
