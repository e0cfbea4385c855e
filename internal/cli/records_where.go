package cli

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// whereHelp explains --where, in the help of the commands that have it.
const whereHelp = `--where is FIELD=VALUE, or with != < <= > >= in place of =, or ^= for "begins
with"; several must all be true. Whatever VALUE is, it stays a value. Or it is
Zoho's criteria, in brackets: ((City:equals:Berlin)or(City:starts_with:B)).
`

func registerWhere(cmd *cobra.Command, where *[]string) {
	cmd.Flags().StringArrayVar(where, "where", nil, "`CONDITION`: FIELD=VALUE or Zoho's criteria; may be repeated")
}

// parseWhere reads conditions: simple ones, which can mean nothing but what they
// say, or the text of Zoho's criteria.
func parseWhere(all []string) (simple crm.Condition, criteria string, err error) {
	form := regexp.MustCompile(`(?s)^\s*([A-Za-z_$][A-Za-z0-9_.$]*)\s*(!=|<=|>=|\^=|=|<|>)\s*(.*?)\s*$`)
	var parts []crm.Condition
	for _, text := range all {
		if !utf8.ValidString(text) {
			return simple, "", foreignCondition(text)
		}
		if strings.HasPrefix(strings.TrimSpace(text), "(") {
			if len(all) > 1 {
				return simple, "", usagef("--where: criteria in brackets stand alone: put all of it into them, as in ((A:equals:1)and(B:equals:2))")
			}
			return simple, strings.TrimSpace(text), nil
		}
		m := form.FindStringSubmatch(text)
		if m == nil {
			return simple, "", usagef("--where: it is FIELD=VALUE, such as City=Berlin, or criteria in brackets")
		}
		if m[3] == "" {
			return simple, "", sayf("--where: Zoho cannot search for an empty %s; use: zcrm query \"select ... where %s is null\"", m[1], m[1])
		}
		parts = append(parts, comparison(m[1], m[2], m[3]))
	}
	return crm.And(parts...), "", nil
}

// foreignCondition is the error of a condition in another encoding.
func foreignCondition(text string) error {
	if field, _, ok := strings.Cut(text, "="); ok && checkName("", field) == nil {
		return notUTF8("--where: the value for %s", field)
	}
	return notUTF8("--where: it")
}

func comparison(field, operator, value string) crm.Condition {
	switch operator {
	case "!=":
		return crm.NotEqual(field, value)
	case "<":
		return crm.Less(field, value)
	case "<=":
		return crm.LessEqual(field, value)
	case ">":
		return crm.Greater(field, value)
	case ">=":
		return crm.GreaterEqual(field, value)
	case "^=":
		return crm.StartsWith(field, value)
	}
	return crm.Equal(field, value)
}
