package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"zohocrm/crm"
)

func TestMeant(t *testing.T) {
	for _, c := range []struct {
		err          *crm.Error
		module, want string
	}{
		{&crm.Error{Code: "INVALID_MODULE", Nearest: "Leads", Path: "/crm/v8/settings/fields"}, "Laeds", "there is no module Laeds: did you mean Leads? (after 1: "},
		{&crm.Error{Code: "INVALID_MODULE", Nearest: "Leads", Path: "/crm/v8/Laeds/1"}, "", "there is no module Laeds: did you mean Leads? ("},
		{&crm.Error{Code: "INVALID_MODULE", Nearest: "Leads", Path: "/crm/v8/settings/modules/Laeds"}, "", "there is no module Laeds: did you mean Leads? ("},
		{&crm.Error{Code: "INVALID_QUERY", Nearest: "City", Details: json.RawMessage(`{"column_name":"Ctiy"}`)}, "Leads", "there is no field Ctiy: did you mean City? ("},
		{&crm.Error{Code: "INVALID_QUERY", Nearest: "City"}, "", "a name is not known to Zoho: did you mean City? ("},
		{&crm.Error{Code: "INVALID_MODULE", Path: "/crm/v8/X"}, "X", "after 1: "},
	} {
		err := meant(fmt.Errorf("after 1: %w", c.err), c.module)
		if !strings.HasPrefix(err.Error(), c.want) || !errors.Is(err, c.err) || strings.Count(err.Error(), "did you mean") != strings.Count(c.want, "did you mean") {
			t.Errorf("%q, want it to begin with %q", err, c.want)
		}
		if again := meant(err, ""); again.Error() != err.Error() {
			t.Errorf("said twice: %q", again)
		}
	}
	if meant(nil, "Leads") != nil {
		t.Error("an error out of nothing")
	}
}
