package sim

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"zohocrm/sim/internal/records"
)

// maxBulkCriteria is how many conditions a bulk read may have.
const maxBulkCriteria = 25

// bulkFilter is a condition of a bulk read, or a group of them.
type bulkFilter struct {
	Operator   string          `json:"group_operator"`
	Group      []bulkFilter    `json:"group"`
	Field      moduleName      `json:"field"` // {"api_name": "..."}
	APIName    string          `json:"api_name"`
	Comparator string          `json:"comparator"`
	Value      json.RawMessage `json:"value"`
}

func (f *bulkFilter) size() int {
	if f == nil {
		return 0
	}
	n := 1
	for i := range f.Group {
		n += f.Group[i].size()
	}
	return n
}

// bulkMatch makes a matcher of the criteria; nil matches all.
func (a *apiCall) bulkMatch(module string, f *bulkFilter) (records.Matcher, *problem) {
	if f == nil {
		return nil, nil
	}
	if f.size() > 2*maxBulkCriteria {
		return nil, newProblem(http.StatusBadRequest, "CRITERIA_LIMIT_EXCEEDED", "criteria limit exceeded").with("limit", maxBulkCriteria)
	}
	if len(f.Group) > 0 {
		return a.bulkGroup(module, f)
	}
	name := f.Field.APIName
	if name == "" {
		name = f.APIName
	}
	match, err := a.book().Match(module, records.Condition{Field: name, Operator: strings.ToLower(f.Comparator), Values: bulkValues(f)})
	switch {
	case errors.Is(err, records.ErrField):
		return nil, newProblem(http.StatusBadRequest, "FIELD_IN_CRITERIA_NOT_AVAILABLE", "the field in the criteria is not available").
			with("api_name", name).with("module", module)
	case errors.Is(err, records.ErrOperator):
		return nil, newProblem(http.StatusBadRequest, "FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE", "the comparator does not go with the field").
			with("api_name", name).with("comparator", f.Comparator)
	case err != nil:
		return nil, newProblem(http.StatusBadRequest, "FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", "the value does not go with the field").
			with("api_name", name)
	}
	return match, nil
}

func (a *apiCall) bulkGroup(module string, f *bulkFilter) (records.Matcher, *problem) {
	var match records.Matcher
	for i := range f.Group {
		one, problem := a.bulkMatch(module, &f.Group[i])
		switch {
		case problem != nil:
			return nil, problem
		case i == 0:
			match = one
		case strings.EqualFold(f.Operator, "or"):
			match = records.Either(match, one)
		case strings.EqualFold(f.Operator, "and"):
			match = records.All(match, one)
		default:
			return nil, newProblem(http.StatusBadRequest, "GROUP_OPERATOR_NOT_SUPPORTED", "the group operator is not supported")
		}
	}
	return match, nil
}

// bulkValues are the values of a condition as texts. A text with commas is a
// list where the comparator wants one.
func bulkValues(f *bulkFilter) []string {
	several := strings.HasSuffix(f.Comparator, "in") || strings.HasSuffix(f.Comparator, "between")
	var list []json.RawMessage
	if json.Unmarshal(f.Value, &list) != nil {
		one := textOf(f.Value)
		if several {
			return strings.Split(one, ",")
		}
		return []string{one}
	}
	var out []string
	for _, v := range list {
		out = append(out, textOf(v))
	}
	return out
}

// textOf is a JSON value as text: a lookup by its ID, null as nothing.
func textOf(v json.RawMessage) string {
	var text string
	if json.Unmarshal(v, &text) == nil {
		return text
	}
	var object struct{ ID string }
	if json.Unmarshal(v, &object) == nil && object.ID != "" {
		return object.ID
	}
	return string(v)
}
