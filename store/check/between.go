package check

import (
	"hash/maphash"
	"strconv"

	"zohocrm/oauth"
)

// between finds what only several tokens show together. It keeps hashes of 64 bits
// and numbers of them, less than a hundred bytes for each: among a million tokens
// two that differ are taken for equal in one of tens of millions of runs.
type between struct {
	seed    maphash.Seed
	owners  map[uint64]int64 // by user and client: the ID of the first, 0 if it is no number
	secrets map[uint64]owned // by refresh token

	twice  tally
	shared tally

	tokens  int
	first10 int  // a bit for each ID from 1 to 10
	foreign bool // a row that this module did not make
}

type owned struct {
	owner uint64
	id    int64
}

func newBetween() *between {
	return &between{seed: maphash.MakeSeed(), owners: make(map[uint64]int64), secrets: make(map[uint64]owned)}
}

func (b *between) add(t oauth.Token) {
	b.tokens++
	if n := oauth.NumberOf(t.ID); n >= 1 && n <= 10 {
		b.first10 |= 1 << n
	}
	b.foreign = b.foreign || t.CreatedAt.IsZero()

	id := oauth.NumberOf(t.ID)
	owner := maphash.Comparable(b.seed, [2]string{t.UserName, t.ClientID})
	if t.UserName != "" {
		if first, ok := b.owners[owner]; ok {
			b.twice.add(named(t, besides(first)))
		} else {
			b.owners[owner] = id
		}
	}
	if t.RefreshToken.IsZero() {
		return
	}
	// Of its text: the Secret itself hashes as a place in memory, which is another
	// one's once the token is gone.
	secret := maphash.String(b.seed, t.RefreshToken.Reveal())
	first, ok := b.secrets[secret]
	switch {
	case !ok:
		b.secrets[secret] = owned{owner, id}
	case t.UserName == "" || first.owner != owner:
		b.shared.add(named(t, besides(first.id)))
	}
}

// besides names the other row.
func besides(id int64) string {
	if id == 0 {
		return ""
	}
	return "beside id " + strconv.FormatInt(id, 10)
}

// findings are in the order in which they are worth reading. sdk: an official SDK
// may use the store.
func (b *between) findings(sdk bool) []Finding {
	var all []Finding
	if b.shared.n > 0 {
		all = append(all, b.shared.finding(Finding{Warning, "shared-token", "another row has the same refresh token, so that revoking one ends both, and one of them may be the wrong user's",
			"find out whose it is, and log the other one in again: zcrm login"}))
	}
	if b.twice.n > 0 {
		all = append(all, b.twice.finding(Finding{Warning, "duplicate-user", "the same user and client has another row, which an official SDK left; the one that expires last is used",
			"see which one is used with zcrm token show --user NAME, and delete the others: zcrm token delete --id ID"}))
	}
	if sdk && b.tokens == 10 && b.first10 == 0b111_1111_1110 && b.foreign {
		all = append(all, tenRows())
	}
	return all
}

// tenRows is the trace of a defect: the Java and PHP SDKs' tables stop at ten
// rows, and every later user takes the place of the tenth.
func tenRows() Finding {
	return Finding{Warning, "ten-rows", "it holds exactly the IDs 1 to 10: a Java or PHP SDK that filled it has overwritten the tenth user with every later one",
		"see whether users are missing, and log them in again: zcrm login"}
}
