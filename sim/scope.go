package sim

import (
	"slices"
	"strings"
	"unicode"
)

// validScope checks the form of a scope parameter: names of three to five parts
// like ZohoCRM.modules.leads.READ, separated by commas only.
func validScope(scope string) bool {
	for name := range strings.SplitSeq(scope, ",") {
		parts := strings.Split(name, ".")
		if len(parts) < 3 || len(parts) > 5 || slices.ContainsFunc(parts, notAWord) {
			return false
		}
	}
	return true
}

func notAWord(part string) bool {
	return part == "" || strings.ContainsFunc(part, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' })
}

// need returns the problem OAUTH_SCOPE_MISMATCH unless the granted scopes cover
// the wanted one.
func need(granted, wanted string) *problem {
	for name := range strings.SplitSeq(granted, ",") {
		if covers(name, wanted) {
			return nil
		}
	}
	return newProblem(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL")
}

// covers reports whether one granted scope includes a wanted one: the granted
// area is the wanted area or a parent of it ("ZohoCRM.modules" includes
// "ZohoCRM.modules.leads"), and the operation is the same, ALL, or WRITE for
// CREATE and UPDATE (Zoho: scopes page).
func covers(granted, wanted string) bool {
	gArea, gOp := cutLast(strings.ToLower(granted))
	wArea, wOp := cutLast(strings.ToLower(wanted))
	if gArea != wArea && !strings.HasPrefix(wArea, gArea+".") {
		return false
	}
	return gOp == wOp || gOp == "all" || gOp == "write" && (wOp == "create" || wOp == "update")
}

func cutLast(scope string) (area, operation string) {
	dot := strings.LastIndexByte(scope, '.')
	if dot < 0 {
		return scope, ""
	}
	return scope[:dot], scope[dot+1:]
}
