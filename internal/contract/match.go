package contract

import (
	"regexp"
	"strings"
)

// Matching are the operations that a request to a path belongs to: those with the
// most segments spelled out. There are several where two of Zoho's files describe
// the same address, and none where no file does.
func Matching(all []Operation, method, path string) []Operation {
	var best []Operation
	most := -1
	for _, op := range all {
		spelled, ok := matches(op.Path, path)
		if op.Method != method || !ok || spelled < most {
			continue
		}
		if spelled > most {
			best, most = nil, spelled
		}
		best = append(best, op)
	}
	return best
}

// matches compares a path with a template and counts the segments that the
// template spells out.
func matches(template, path string) (spelled int, ok bool) {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return 0, false
	}
	for i := range want {
		switch {
		case inBraces(want[i]):
			if have[i] == "" {
				return 0, false
			}
		case want[i] != have[i]:
			return 0, false
		default:
			spelled++
		}
	}
	return spelled, true
}

// values are what a path has in the place of a template's names.
func values(template, path string) map[string]string {
	found := map[string]string{}
	have := strings.Split(path, "/")
	for i, segment := range strings.Split(template, "/") {
		if inBraces(segment) && i < len(have) {
			found[segment[1:len(segment)-1]] = have[i]
		}
	}
	return found
}

func inBraces(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
}

// Shape is a path without its names, so that two descriptions of one address can
// be compared.
func Shape(path string) string {
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "{}")
}
