package cli

import (
	"errors"
	"strings"

	"zohocrm/crm"
)

// meantError begins with what is wrong with a name, and which one was probably
// meant. What Zoho said, and where, stands behind it in brackets.
type meantError struct {
	sentence string
	error
}

func (e meantError) Unwrap() error { return e.error }

func (e meantError) Error() string {
	behind := e.error.Error()
	if i := strings.LastIndex(behind, ": did you mean "); i >= 0 {
		rest := ""
		if end := strings.Index(behind[i:], "?"); end >= 0 {
			rest = behind[i+end+1:]
		}
		behind = behind[:i] + rest
	}
	return e.sentence + " (" + behind + ")"
}

// meant puts the good news of an error first: that a name is mistyped, and which one
// it probably is. module is the one that was asked for, "" if the call's path or its
// answer says it.
func meant(err error, module string) error {
	var e *crm.Error
	if already := (meantError{}); err == nil || errors.As(err, &already) || !errors.As(err, &e) || e.Nearest == "" {
		return err
	}
	details, _ := crm.ParseRecord(e.Details)
	what := "a name is not known to Zoho"
	switch {
	case e.Code == "INVALID_MODULE" || e.Code == "MODULE_NOT_AVAILABLE":
		if what = "there is no such module"; module == "" {
			module = moduleIn(e.Path)
		}
		if module != "" {
			what = "there is no module " + oneLine(module)
		}
	default:
		for _, key := range []string{"column_name", "api_name"} {
			if name := oneLine(details.Text(key)); name != "" && name != e.Nearest && checkName("", name) == nil {
				what = "there is no field " + name
				break
			}
		}
	}
	return meantError{what + ": did you mean " + e.Nearest + "?", err}
}

// moduleIn is the module that the path of a call names, "" if it names none.
func moduleIn(path string) string {
	part := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(part) > 4 && part[2] == "settings" && part[3] == "modules":
		return part[4]
	case len(part) > 2 && part[2] != "settings" && part[2] != "coql":
		return part[2]
	}
	return ""
}
