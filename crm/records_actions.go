package crm

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Clone adds a copy of a record.
//
// POST /crm/v8/{module}/{id}/actions/clone, scope ZohoCRM.modules.CREATE (Zoho: clone-record).
func (s *RecordsService) Clone(ctx context.Context, module, id string) (Result, error) {
	path, err := recordsPath(module, id, "actions", "clone")
	if err != nil {
		return Result{}, err
	}
	return s.client.writeOne(ctx, Request{Method: http.MethodPost, Path: path}, "data")
}

// MassUpdate says what [RecordsService.MassUpdate] changes: one field, in the
// records that IDs, CVID or Where name.
type MassUpdate struct {
	Field string // API name
	Value any    // anything that marshals to JSON; nil empties the field

	IDs   []string  // at most 500 records
	CVID  string    // the records of a custom view
	Where Condition // narrows CVID
	// Overwrite changes records that have a value already.
	Overwrite bool
}

// MassUpdate gives one field the same value in many records. If Zoho does it
// later, Result.Details has a job_id for [RecordsService.MassUpdateStatus].
//
// POST /crm/v8/{module}/actions/mass_update, scope ZohoCRM.modules.UPDATE (Zoho: mass-update-records).
func (s *RecordsService) MassUpdate(ctx context.Context, module string, update MassUpdate) ([]Result, error) {
	path, err := recordsPath(module, "actions", "mass_update")
	if err != nil {
		return nil, err
	}
	if (len(update.IDs) == 0) == (update.CVID == "") || update.Field == "" {
		return nil, errors.New("crm: MassUpdate needs Field and one of IDs and CVID")
	}
	body := map[string]any{"data": []map[string]any{{update.Field: update.Value}}, "over_write": update.Overwrite}
	if update.CVID != "" {
		body["cvid"] = update.CVID
	} else {
		body["ids"] = update.IDs
	}
	if !update.Where.IsZero() {
		criteria, err := update.Where.json(plainFieldName)
		if err != nil {
			return nil, err
		}
		body["criteria"] = []any{criteria}
	}
	answer := results{want: -1} // one for each record, or one for the job
	_, err = s.client.call(ctx, Request{Method: http.MethodPost, Path: path, Body: body, heavy: len(update.IDs) > heavyBatch}, &answer)
	if err != nil {
		return nil, err
	}
	return answer.list, failures(answer.list)
}

// MassUpdateJob tells how far a mass update is.
type MassUpdateJob struct {
	Status                             string // SCHEDULED, RUNNING, COMPLETED or FAILED
	Total, Updated, NotUpdated, Failed int
}

// MassUpdateStatus tells how far a mass update is that Zoho does later.
//
// GET /crm/v8/{module}/actions/mass_update?job_id=, scope ZohoCRM.modules.READ (Zoho: mass-update-records).
func (s *RecordsService) MassUpdateStatus(ctx context.Context, module, jobID string) (*MassUpdateJob, error) {
	path, err := recordsPath(module, "actions", "mass_update")
	if err != nil {
		return nil, err
	}
	r, err := s.client.one(ctx, Request{Path: path, Query: url.Values{"job_id": {jobID}}}, "data")
	if err != nil {
		return nil, err
	}
	return &MassUpdateJob{
		Status: r.Text("Status"), Total: r.whole("Total_Count"), Updated: r.whole("Updated_Count"),
		NotUpdated: r.whole("Not_Updated_Count"), Failed: r.whole("Failed_Count"),
	}, nil
}
