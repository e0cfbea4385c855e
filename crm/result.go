package crm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Result is what became of one record of a write.
type Result struct {
	Code           string          // "SUCCESS", or Zoho's error code
	Status         string          // "success" or "error"
	Message        string          // "record added"
	Action         string          // of Upsert: "insert" or "update"
	DuplicateField string          // of Upsert: the field by which the record was found
	ID             string          // the record's ID; "" if it has none
	Details        json.RawMessage // all that Zoho says of it: id, Created_Time, ... or api_name, json_path

	failure *Error
}

// Err is the failure as an [*Error], nil if the record was written.
func (r Result) Err() error {
	if r.failure == nil {
		return nil
	}
	return r.failure
}

// RecordsError says that some records of a write failed. errors.Is and
// errors.As look into all of the failures.
type RecordsError struct {
	Total    int // records that were answered
	Failures []RecordFailure
}

// RecordFailure is one of them.
type RecordFailure struct {
	Index int // of the record among those that were given, from 0
	Err   *Error
}

// Error names the first three failures.
func (e *RecordsError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d records failed", len(e.Failures), e.Total)
	for i, f := range e.Failures {
		if i == 3 {
			fmt.Fprintf(&b, "; and %d more", len(e.Failures)-i)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%srecord %d: %s", sep, f.Index, f.Err)
	}
	return b.String()
}

// Unwrap gives the failures.
func (e *RecordsError) Unwrap() []error {
	list := make([]error, len(e.Failures))
	for i, f := range e.Failures {
		list[i] = f.Err
	}
	return list
}

// results is the out of [Client.Do] for a write of want records. An answer that
// take does not understand is an error, also a 204.
type results struct {
	name string // of the list of results; "": "data"
	want int    // -1: as many as there are
	bare bool   // the one result may stand alone
	list []Result
}

// take reads an answer that has one result for each record, whatever its
// status: 201 and 207, but also the 400 of a call in which all failed. A
// refused token and throttling are about the call, however they are wrapped.
func (a *results) take(call *call, status int, text []byte) bool {
	if status < 200 || status >= 300 && status < 400 || status >= 500 ||
		status == http.StatusUnauthorized || status == http.StatusTooManyRequests {
		return false
	}
	read := recordList{name: a.name}
	if a.name == "" {
		read.name = "data"
	}
	if alone, err := ParseRecord(text); a.bare && err == nil && alone.Text("code") != "" {
		a.list = []Result{newResult(call, status, alone)}
		return true
	}
	if read.decode(text) != nil || len(read.records) != a.want && (a.want >= 0 || len(read.records) == 0) {
		return false
	}
	a.list = make([]Result, 0, len(read.records))
	for _, r := range read.records {
		a.list = append(a.list, newResult(call, status, r))
	}
	return true
}

func newResult(call *call, status int, r Record) Result {
	res := Result{
		Code: r.Text("code"), Status: r.Text("status"), Message: r.Text("message"),
		Action: r.Text("action"), DuplicateField: r.Text("duplicate_field"),
		ID: r.Sub("details").ID(), Details: bytes.Clone(r.Raw("details")),
	}
	if res.Status != "success" {
		res.failure = errorOf(r)
		res.failure.Status, res.failure.Method, res.failure.Path = status, call.method, call.path
	}
	return res
}

// inBatches does n records, at most maxBatch at once, and gathers the results.
func inBatches(n int, do func(from, to int) ([]Result, error)) ([]Result, error) {
	return batched(n, maxBatch, do)
}

func batched(n, most int, do func(from, to int) ([]Result, error)) ([]Result, error) {
	all := make([]Result, 0, n)
	for from := 0; from < n; from += most {
		to := min(from+most, n)
		list, err := do(from, to)
		all = append(all, list...)
		if err != nil {
			if n > most {
				err = fmt.Errorf("stopped at records %d to %d of %d: %w", from, to-1, n, err)
			}
			if failed := failures(all); failed != nil {
				err = fmt.Errorf("%w; %w", err, failed)
			}
			return all, err
		}
	}
	return all, failures(all)
}

// failures is the error of results, nil if all succeeded.
func failures(list []Result) error {
	e := &RecordsError{Total: len(list)}
	for i, r := range list {
		if r.failure != nil {
			e.Failures = append(e.Failures, RecordFailure{Index: i, Err: r.failure})
		}
	}
	if len(e.Failures) == 0 {
		return nil
	}
	return e
}

// writeOne makes a write that has one result, in the list called name.
func (c *Client) writeOne(ctx context.Context, r Request, name string) (Result, error) {
	answer := results{name: name, want: 1}
	if _, err := c.call(ctx, r, &answer); err != nil {
		return Result{}, err
	}
	return answer.list[0], answer.list[0].Err()
}
