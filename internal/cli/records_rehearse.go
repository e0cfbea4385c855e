package cli

import (
	"iter"
	"slices"

	"zohocrm/crm"
)

// rehearse prints what would be sent. The columns are those of the first call's
// records.
func (o *recordsWriteOptions) rehearse(records iter.Seq2[crm.Record, error]) error {
	var w rowWriter
	n, calls := 0, 0
	for batch, err := range batches(records) {
		if err != nil {
			return err
		}
		if w == nil {
			w = o.app.rowsTo(o.format, columnsOf(batch))
		}
		for _, record := range batch {
			if err := w.write(record); err != nil {
				return err
			}
		}
		n, calls = n+len(batch), calls+1
	}
	if n == 0 {
		return errNoRecords
	}
	err := w.end()
	o.app.tell("zcrm: %s in %s would be %s, in %s; nothing was sent", count(n, "record"), o.module, o.verb.done, count(calls, "call"))
	return err
}

// columnsOf are the fields that any of the records has.
func columnsOf(records []crm.Record) []string {
	var columns []string
	for _, record := range records {
		for _, name := range namesIn(record) {
			if !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	return columns
}
