package contract

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Descriptions are OpenAPI files of one folder. A file is loaded when its first
// operation is asked for, with those that it refers to.
type Descriptions struct {
	Operations []Operation // of all files

	folder     string
	exceptions *Exceptions
	mend       func(area string, text []byte) []byte
	loaded     map[string]*openapi3.T
}

// Describe lists the operations of a folder whose files are held to the letter.
func Describe(folder string) (*Descriptions, error) {
	return describe(folder, nil, newExceptions(nil))
}

// DescribeZoho is Describe for Zoho's own files, with the exceptions that they need.
func DescribeZoho(folder string) (*Descriptions, *Exceptions, error) {
	exceptions := newExceptions(zohoExceptions())
	d, err := describe(folder, mendZoho, exceptions)
	return d, exceptions, err
}

// describe lists the operations of a folder. mend corrects the text of a file
// before it is read; nil: all are taken as they are.
func describe(folder string, mend func(area string, text []byte) []byte, exceptions *Exceptions) (*Descriptions, error) {
	operations, err := OperationsIn(folder)
	if err != nil {
		return nil, err
	}
	return &Descriptions{Operations: operations, folder: folder, exceptions: exceptions, mend: mend, loaded: map[string]*openapi3.T{}}, nil
}

// load reads a file and those that it refers to. Each has a loader of its own:
// one loader takes components of different files for each other when their
// names are the same.
func (d *Descriptions) load(area string) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, at *url.URL) ([]byte, error) {
		text, err := os.ReadFile(at.Path) // #nosec G703 -- test support; the folder is the developer's
		if err == nil && d.mend != nil {
			text = d.mend(strings.TrimSuffix(filepath.Base(at.Path), ".json"), text)
		}
		return text, err
	}
	doc, err := loader.LoadFromFile(filepath.Join(d.folder, area+".json"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", area, err)
	}
	for _, item := range doc.Paths.Map() {
		for _, described := range item.Operations() {
			tighten(described)
		}
	}
	return doc, nil
}

// of finds an operation in its file.
func (d *Descriptions) of(op Operation) (*openapi3.T, *openapi3.PathItem, *openapi3.Operation, error) {
	doc := d.loaded[op.Area]
	if doc == nil {
		var err error
		if doc, err = d.load(op.Area); err != nil {
			return nil, nil, nil, err
		}
		d.loaded[op.Area] = doc
	}
	item := doc.Paths.Value(op.Path)
	if item == nil || item.GetOperation(op.Method) == nil {
		return nil, nil, nil, fmt.Errorf("%s does not describe %s %s", op.Area, op.Method, op.Path)
	}
	return doc, item, item.GetOperation(op.Method), nil
}
