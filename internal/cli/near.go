package cli

import "strings"

// nearestName finds the name that was probably meant, "" if none is near: at most
// one letter in three is wrong, left out, too many or swapped. Upper and lower case and
// underscores do not count.
func nearestName(name string, known []string) string {
	const longest = 100 // bytes; Zoho's API names are shorter
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "") }
	best, found := 1+len(name)/3, ""
	for _, k := range known {
		if len(name) > longest || len(k) > longest {
			continue
		}
		if d := edits(plain(name), plain(k)); d < best {
			best, found = d, k
		}
	}
	return found
}

// edits counts the bytes to replace, insert, delete, or swap with the next between
// two texts (optimal string alignment).
func edits(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			other := 1
			if a[i-1] == b[j-1] {
				other = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+other)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
