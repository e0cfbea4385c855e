package crm

import "strings"

// nearest finds the name that was probably meant, "" if none is near: at most
// one letter in three is wrong, left out, doubled or swapped with the next.
// Upper and lower case and underscores do not count.
func nearest(name string, known []string) string {
	const longest = 100 // bytes; Zoho's API names are shorter
	if len(name) > longest {
		return ""
	}
	best, found := 1+len(name)/3, ""
	from := plainName(name)
	for _, k := range known {
		if len(k) > longest || k == name {
			continue
		}
		if d := distance(from, plainName(k)); d < best {
			best, found = d, k
		}
	}
	return found
}

func plainName(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "") }

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
