package sim

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"zohocrm/sim/internal/records"
)

// The limits of a bulk write's file, and a bound on what it unpacks to.
const (
	maxColumns  = 200
	maxUnpacked = 256 << 20
)

// uploadBulk is POST /crm/v8/upload, at Zoho on a host of its own: the ZIP of a
// bulk write. The headers say what it is for and for whom.
func (s *Server) uploadBulk(a *apiCall) {
	if a.r.Header.Get("feature") != "bulk-write" || a.r.Header.Get("X-CRM-ORG") != a.org.zgid {
		writeJSON(a.w, http.StatusBadRequest, map[string]any{
			"x-error": "check if headers [feature, X-CRM-ORG] are present and valid", "ERROR_MESSAGE": "Bad Request",
			"ERROR_CODE": http.StatusBadRequest, "code": "INVALID_DATA", "message": "invalid headers", "status": "error", "details": map[string]any{},
		})
		return
	}
	files, err := readUploads(a, s.limits.ArchiveSize)
	tooBig := newProblem(http.StatusRequestEntityTooLarge, "FILE_TOO_LARGE", "File size too large to process")
	switch {
	case err != nil:
		uploadProblem(err, tooBig).write(a.w)
		return
	case len(files) != 1:
		invalidRequest().write(a.w)
		return
	}
	if _, err := zip.NewReader(bytes.NewReader(files[0].data), int64(len(files[0].data))); err != nil {
		newProblem(http.StatusBadRequest, "INVALID_FILE_FORMAT", "invalid file format. only zip format is supported").write(a.w)
		return
	}
	id := a.book().NewID()
	if err := a.org.vault.put("bulk/"+id, files[0].data); err != nil {
		uploadProblem(err, tooBig).write(a.w)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{
		"status": "success", "code": "FILE_UPLOAD_SUCCESS", "message": "file uploaded.",
		"details": map[string]any{"file_id": id, "created_time": a.now.UTC().Format(records.Stamp)},
	})
}

// table is the CSV of a bulk write.
type csvTable struct {
	name   string
	header []string
	rows   [][]string
}

// errTooManyRows says that a file has more rows than one job takes.
var errTooManyRows = errors.New("sim: too many rows")

// readArchive reads the first CSV in a ZIP. maxRows 0: a million.
func readArchive(data []byte, maxRows int) (*csvTable, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	if maxRows <= 0 {
		maxRows = records.MaxRows
	}
	for _, f := range z.File {
		if !strings.HasSuffix(strings.ToLower(f.Name), ".csv") {
			continue
		}
		file, err := f.Open()
		if err != nil {
			return nil, err
		}
		t, err := readTable(io.LimitReader(file, maxUnpacked), maxRows)
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return nil, err
		}
		t.name = f.Name
		return t, nil
	}
	return nil, errors.New("sim: no CSV in the ZIP")
}

func readTable(r io.Reader, maxRows int) (*csvTable, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	header, err := in.Read()
	if err != nil {
		return nil, err
	}
	t := &csvTable{header: header}
	if len(header) > 0 {
		t.header[0] = strings.TrimPrefix(header[0], "\ufeff")
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		if len(t.rows) == maxRows {
			return nil, errTooManyRows
		}
		t.rows = append(t.rows, row)
	}
}

// cell is a value of a row; rows may be shorter than the header.
func cell(row []string, i int) string {
	if i < 0 || i >= len(row) {
		return ""
	}
	return row[i]
}

// keyMissing complains about a key of the request.
func keyMissing(name string) *problem {
	return newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required key "+name+" is not found in request body.").
		with("api_name", name).with("json_path", "$."+name)
}

func tooManyColumns() *problem {
	return newProblem(http.StatusBadRequest, "HEADER_LIMIT_EXCEEDED", "the file has more than "+strconv.Itoa(maxColumns)+" columns")
}
