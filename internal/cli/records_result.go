package cli

import (
	"encoding/json"
	"fmt"

	"zohocrm/crm"
)

// resultView is what became of one record, as it is printed.
type resultView struct {
	Record         int             `json:"record"` // its place in the data, from 1
	Status         string          `json:"status"` // success or error
	Action         string          `json:"action,omitempty"`
	DuplicateField string          `json:"duplicate_field,omitempty"`
	ID             string          `json:"id"`
	Code           string          `json:"code"`
	Field          string          `json:"field,omitempty"` // that is wrong
	Message        string          `json:"message"`
	Details        json.RawMessage `json:"details,omitempty"`
}

// resultColumns are those of a table or CSV file of results.
func resultColumns(upsert bool) []string {
	if upsert {
		return []string{"record", "status", "action", "id", "code", "field", "message"}
	}
	return []string{"record", "status", "id", "code", "field", "message"}
}

func resultRecord(number int, given string, r crm.Result) (crm.Record, error) {
	v := resultView{
		Record: number, Status: r.Status, Action: r.Action, DuplicateField: r.DuplicateField, ID: r.ID, Code: r.Code, Message: r.Message, Details: r.Details,
	}
	details, _ := crm.ParseRecord(r.Details) // zero if it is none
	if r.Err() != nil {
		v.Field = details.Text("api_name")
	}
	if v.ID == "" {
		v.ID = given
	}
	return crm.NewRecord(v)
}

// tally counts results as they come.
type tally struct {
	done, failed int
	firstCode    string
	firstAt      int
	sent         int  // records of the last call, which was not answered
	more         bool // records may come behind those
}

func (t *tally) add(r crm.Result) {
	t.done++
	if r.Err() == nil {
		return
	}
	if t.failed++; t.failed == 1 {
		t.firstAt, t.firstCode = t.done, r.Code
	}
}

// err is the error of a write of which Zoho refused some records.
func (t *tally) err() error {
	if t.failed == 0 {
		return nil
	}
	return advise(fmt.Errorf("%d of %s failed, the first is record %d with %s", t.failed, count(t.done, "record"), t.firstAt, oneLine(t.firstCode)), "the results on stdout say why")
}
