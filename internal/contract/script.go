package contract

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"

	"zohocrm/crm"
)

// script calls every method of every service, in an order in which each finds
// what it needs; [TestScriptIsWhole] proves that none is missing.
func script() []func(*caller, *crm.Client) {
	return []func(*caller, *crm.Client){
		metadata, records, searches, actions, refusals, options, related, leads, notes, files, tags, queries, people, bulkRead, bulkWrite, composite, watches,
	}
}

// first is the ID of the first of a call's results; "" if it gave none.
func first(result any) string {
	switch v := result.(type) {
	case []crm.Result:
		if len(v) > 0 {
			return v[0].ID
		}
	case crm.Result:
		return v.ID
	}
	return ""
}

func text(name, content string) crm.File {
	return crm.File{Name: name, Body: strings.NewReader(content)}
}

// zipped is a ZIP file with one file in it.
func zipped(name, content string) io.Reader {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if f, err := w.Create(name); err == nil {
		io.WriteString(f, content)
	}
	w.Close() // a buffer takes everything
	return &b
}
