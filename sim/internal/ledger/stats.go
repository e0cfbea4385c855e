package ledger

import (
	"maps"
	"time"
)

// maxMintLog bounds the refresh tokens whose mints are remembered.
const maxMintLog = 100_000

// mintLog counts mints by the refresh token's fingerprint. It outlives the
// tokens, so that a test can ask about one that was revoked; when it is full,
// the fingerprint that came first makes room.
type mintLog struct {
	n     map[string]int64
	order []string
}

func newMintLog() mintLog { return mintLog{n: make(map[string]int64)} }

func (m *mintLog) add(fingerprint string) {
	if _, ok := m.n[fingerprint]; !ok {
		if len(m.order) >= maxMintLog {
			delete(m.n, m.order[0])
			m.order = m.order[1:]
		}
		m.order = append(m.order, fingerprint)
	}
	m.n[fingerprint]++
}

// Stats is a copy of the ledger's numbers.
type Stats struct {
	LiveRefresh int
	LiveAccess  int
	Evicted     Evictions
	Mints       map[string]int64 // by the refresh token's fingerprint
}

// Stats counts what is alive at now.
func (l *Ledger) Stats(now time.Time) Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Stats{LiveRefresh: len(l.refresh), Evicted: l.evicted, Mints: maps.Clone(l.mints.n)}
	for _, a := range l.access {
		if now.Before(a.expiry) {
			s.LiveAccess++
		}
	}
	return s
}
