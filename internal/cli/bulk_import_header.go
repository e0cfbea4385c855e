package cli

import (
	"context"
	"slices"
	"strings"

	"zohocrm/crm"
)

// ownColumns are what zcrm and Zoho add to rows that failed.
var ownColumns = [...]string{"STATUS", "RECORD_ID", "ERRORS"}

// choose decides which columns go into which fields, and refuses a header that
// Zoho would refuse after 500 credits.
func (i *bulkImport) choose(ctx context.Context) error {
	as := &i.state.Import.Query
	known, err := i.r.fields(ctx, i.state.Module)
	if is(err, crm.ErrScope, crm.ErrPermission) {
		known, err = nil, nil // who may not read metadata may still import
	}
	if err != nil {
		return err
	}
	h := headerCheck{module: i.state.Module, operation: as.Operation, findBy: as.FindBy, skip: i.o.skip, known: known}
	columns, left, err := h.columns(as.Header)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		i.show.note("left out, for Zoho fills them itself: %s", strings.Join(left, ", "))
	}
	as.Columns = columns
	return nil
}

// headerCheck compares the first row of a file with the fields of a module.
type headerCheck struct {
	module, operation, findBy string
	skip                      []string
	known                     []crm.Record // nil: not known, and nothing is checked but names
}

// columns are those to send, and left those that cannot be written.
func (h headerCheck) columns(header []string) (columns []sentColumn, left []string, err error) {
	types := typesOf(h.module, h.known)
	for _, name := range h.skip {
		if !slices.Contains(header, name) {
			return nil, nil, usagef("--leave-out: the file has no column %s", oneLine(name))
		}
	}
	for at, name := range header {
		switch {
		case slices.Contains(h.skip, name) || slices.Contains(ownColumns[:], name):
			continue
		case name == "Id":
			name = "id" // as Zoho's own exports call it
		}
		if checkName("", name) != nil {
			return nil, nil, sayf("column %d of the file is not an API name such as Last_Name: the first row names the fields, or do without the column: --leave-out", at+1)
		}
		if slices.ContainsFunc(columns, func(c sentColumn) bool { return c.Field == name }) {
			return nil, nil, sayf("two columns of the file are called %s: take one away", name)
		}
		if name == "id" && h.findBy != "id" {
			left = append(left, name)
			continue
		}
		if len(h.known) > 0 && name != "id" {
			field, ok := h.field(name)
			if !ok {
				if err := types.unknown(name); err != nil {
					return nil, nil, err
				}
				return nil, nil, sayf("%s has no field %s: see zcrm fields %s, or do without the column: --leave-out %s", h.module, name, h.module, name)
			}
			if fixed, _ := field.Bool("read_only"); fixed && name != h.findBy {
				left = append(left, name)
				continue
			}
		}
		columns = append(columns, sentColumn{Index: at, Field: name})
	}
	return columns, left, h.enough(columns)
}

func (h headerCheck) field(name string) (crm.Record, bool) {
	i := slices.IndexFunc(h.known, func(f crm.Record) bool { return f.Text("api_name") == name })
	if i < 0 {
		return crm.Record{}, false
	}
	return h.known[i], true
}

// enough refuses a file without the columns that Zoho wants.
func (h headerCheck) enough(columns []sentColumn) error {
	has := func(name string) bool {
		return slices.ContainsFunc(columns, func(c sentColumn) bool { return c.Field == name })
	}
	switch {
	case len(columns) == 0:
		return sayf("the file has no column that can be imported; see: zcrm fields %s", h.module)
	case len(columns) > 200:
		return sayf("the file has %d columns, and Zoho takes 200: do without some: --leave-out", len(columns))
	case h.findBy != "" && !has(h.findBy):
		return sayf("the file has no column %s, by which --find-by finds records", h.findBy)
	}
	if h.operation == "update" {
		return nil
	}
	for _, f := range h.known {
		must, _ := f.Bool("system_mandatory")
		if name := f.Text("api_name"); must && !has(name) {
			return sayf("the file has no column %s, which every record of %s must have: add it", name, h.module)
		}
	}
	return nil
}
