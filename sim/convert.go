package sim

import (
	"encoding/json"
	"net/http"

	"zohocrm/sim/internal/records"
)

// conversionItem is a lead's conversion as the request says it.
type conversionItem struct {
	Accounts  *reference      `json:"Accounts"`
	Contacts  *reference      `json:"Contacts"`
	Deals     map[string]any  `json:"Deals"`
	AssignTo  *reference      `json:"assign_to"`
	CarryTags json.RawMessage `json:"carry_over_tags"`
}

// reference names a record, by its ID alone or as an object.
type reference struct{ id string }

func (r *reference) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &r.id) == nil {
		return nil
	}
	var object struct{ ID string }
	err := json.Unmarshal(text, &object)
	r.id = object.ID
	return err
}

func (r *reference) text() string {
	if r == nil {
		return ""
	}
	return r.id
}

// convertLead is POST /Leads/{id}/actions/convert.
func (s *Server) convertLead(a *apiCall, id string) {
	if a.items.problem != nil {
		a.items.problem.write(a.w)
		return
	}
	var item conversionItem
	if err := decode(marshalItem(a.items.data[0]), &item); err != nil {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").with("api_name", "data").with("json_path", "$.data[0]").write(a.w)
		return
	}
	to, wrong := a.book().Convert(a.edit("Leads"), 0, records.Conversion{
		Lead: id, Account: item.Accounts.text(), Contact: item.Contacts.text(), Deal: item.Deals,
		Owner: item.AssignTo.text(), Tags: len(item.CarryTags) > 0 && string(item.CarryTags) != "null" && string(item.CarryTags) != "false",
	})
	if wrong != nil {
		p := newProblem(http.StatusBadRequest, wrong.Code, wrong.Message)
		p.details = wrong.Details
		if _, whole := wrong.Details["resource_path_index"]; whole {
			p.write(a.w)
			return
		}
		writeJSON(a.w, p.status, map[string]any{"data": []any{p.body()}})
		return
	}
	a.org.attachments.move(id, "Contacts", to.Contact)
	a.book().MoveLinks(a.edit("Notes"), id, "Contacts", to.Contact)
	a.news = append(a.news, change{"Leads", "update", []string{id}, nil}, change{"Contacts", "insert", []string{to.Contact}, nil})
	writeJSON(a.w, http.StatusOK, map[string]any{"data": []any{map[string]any{
		"code": "SUCCESS", "message": "The record has been converted successfully", "status": "success",
		"details": map[string]any{
			"Contacts": pair(to.Contact, to.ContactName), "Accounts": pair(to.Account, to.AccountName), "Deals": pair(to.Deal, to.DealName),
		},
	}}})
}

// pair is a record by ID and name; nil for none.
func pair(id, name string) any {
	if id == "" {
		return nil
	}
	return map[string]any{"id": id, "name": name}
}

// marshalItem renders what was decoded from JSON before, which cannot fail.
func marshalItem(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("sim: " + err.Error())
	}
	return text
}
