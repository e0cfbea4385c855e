package cli

import (
	"context"
	"fmt"
	"iter"

	"zohocrm/crm"
)

// Bounds of one call of a write.
const (
	batchSize  = 100     // records (Zoho: insert-records)
	batchBytes = 5 << 20 // of their JSON; Zoho names no bound, and one record may be longer
)

// batches gathers records for the calls that send them. The slice is good until the
// next one. What was gathered before an error is not handed on: its call was not
// begun.
func batches(records iter.Seq2[crm.Record, error]) iter.Seq2[[]crm.Record, error] {
	return func(yield func([]crm.Record, error) bool) {
		batch, size := make([]crm.Record, 0, batchSize), 0
		for record, err := range records {
			if err != nil {
				yield(nil, err)
				return
			}
			more := len(record.String())
			if len(batch) > 0 && size+more > batchBytes {
				if !yield(batch, nil) {
					return
				}
				batch, size = batch[:0], 0
			}
			// What is full is handed on at once: the next record may take its time.
			if batch, size = append(batch, record), size+more; len(batch) == batchSize {
				if !yield(batch, nil) {
					return
				}
				batch, size = batch[:0], 0
			}
		}
		if len(batch) > 0 {
			yield(batch, nil)
		}
	}
}

// unanswered reports whether an error leaves open what Zoho did: it says nothing, or
// not what it should. A call that Zoho refused was not done.
func unanswered(ctx context.Context, err error) bool {
	return ctx.Err() != nil || is(err, crm.ErrUnavailable, crm.ErrProtocol)
}

// uncertain says which records, from 1, were sent without an answer; more says that
// others may come behind them.
func uncertain(from, to int, more bool) string {
	which, them := fmt.Sprintf("records %d to %d", from, to), "they were"
	if from == to {
		which, them = fmt.Sprintf("record %d", from), "it was"
	}
	text := fmt.Sprintf("%s: whether %s written is not known", which, them)
	if more {
		text += fmt.Sprintf("; %d and later were not sent", to+1)
	}
	return text
}
