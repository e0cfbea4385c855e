package sim

import "strconv"

// Number spaces of record IDs, so that no two things share one.
const (
	userSpace = 4_150_000
	orgSpace  = 4_150_868
)

// recordID makes an ID as Zoho's look: a string of 19 digits, of which the
// first seven stand for the owner's space.
func recordID(space, n int) string {
	return strconv.FormatInt(int64(space)*1_000_000_000_000+int64(n), 10)
}
