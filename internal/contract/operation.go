package contract

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Operation is one operation of the API.
type Operation struct {
	Area   string // the file that describes it, without ".json"
	Method string
	Path   string // with names in braces: /crm/v8/{module}/{id}
	Name   string // as Zoho calls it
}

// ListFile is the list of all operations, seen from the module's folder. It
// stands in for the OpenAPI files where they are not at hand.
const ListFile = "internal/contract/operations.txt"

//go:embed operations.txt
var operationList string

// Operations reads the list of all operations.
func Operations() ([]Operation, error) {
	var list []Operation
	for lines := bufio.NewScanner(strings.NewReader(operationList)); lines.Scan(); {
		cells := strings.SplitN(lines.Text(), "\t", 4)
		if len(cells) != 4 {
			return nil, fmt.Errorf("%s: line %d has %d cells, want 4", ListFile, len(list)+1, len(cells))
		}
		list = append(list, Operation{cells[0], cells[1], cells[2], cells[3]})
	}
	return list, nil
}

// List is the text of ListFile.
func List(operations []Operation) string {
	var b strings.Builder
	for _, op := range operations {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", op.Area, op.Method, op.Path, op.Name)
	}
	return b.String()
}

// OperationsIn lists the operations of all OpenAPI files of a folder, sorted.
func OperationsIn(folder string) ([]Operation, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no OpenAPI files", folder)
	}
	var list []Operation
	for _, name := range files {
		text, err := os.ReadFile(name) // #nosec G304 -- test support; the folder is the developer's
		if err != nil {
			return nil, err
		}
		var file struct {
			Paths map[string]map[string]json.RawMessage
		}
		if err := json.Unmarshal(text, &file); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		area := strings.TrimSuffix(filepath.Base(name), ".json")
		for path, item := range file.Paths {
			for method, text := range item {
				var op struct{ OperationID string }
				if method = strings.ToUpper(method); !slices.Contains(methods(), method) {
					continue
				}
				if err := json.Unmarshal(text, &op); err != nil {
					return nil, fmt.Errorf("%s: %s %s: %w", name, method, path, err)
				}
				list = append(list, Operation{area, method, path, strings.Join(strings.Fields(op.OperationID), " ")})
			}
		}
	}
	slices.SortFunc(list, func(a, b Operation) int {
		return strings.Compare(a.Area+" "+a.Path+" "+a.Method, b.Area+" "+b.Path+" "+b.Method)
	})
	return list, nil
}

// methods are those of HTTP that an OpenAPI file can describe, as far as Zoho's do.
func methods() []string {
	return []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
}
