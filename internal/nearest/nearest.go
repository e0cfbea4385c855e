// Package nearest finds the name that somebody probably meant: API names of Zoho's
// modules and fields are typed by hand, and an error that names the right one saves
// a look into the documentation.
package nearest

import "strings"

// longest name that is looked at, in bytes; Zoho's API names are shorter.
const longest = 100

// Name is the known name that is nearest to the given one, "" if none is near; the name
// itself is never meant. Near is: at most one letter in three is wrong, left out, doubled or
// swapped with the next. Upper and lower case and underscores do not count.
func Name(name string, known []string) string {
	if len(name) > longest {
		return ""
	}
	best, found := 1+len(name)/3, ""
	from := plain(name)
	for _, k := range known {
		if len(k) > longest || k == name {
			continue
		}
		if d := distance(from, plain(k)); d < best {
			best, found = d, k
		}
	}
	return found
}

func plain(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "") }

// distance counts the edits between two texts, by bytes: replace, insert,
// delete, and swap neighbours (optimal string alignment).
func distance(a, b string) int {
	rows := [3][]int{}
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
	}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[0], rows[1], rows[2]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		rows[0], rows[1], rows[2] = last, row, before
	}
	return rows[1][len(b)]
}
