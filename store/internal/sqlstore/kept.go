package sqlstore

import (
	"context"
	"database/sql"
	"sync"
)

const (
	// keptSize bounds the statements that stay prepared, each once on every
	// connection of the pool. An update has a text for each set of columns that
	// changes together, and few of them are common; what takes many values or rows has
	// one for each power of two up to listSize.
	keptSize = 128
	// keptReads is how many there may be for one that only reads to be added.
	keptReads = keptSize / 2
)

// kept are statements that stay prepared: of transactions, from one to the next, and of
// what reads many rows on the pool in between. A text that is met is prepared before the
// next transaction begins: within it the pool may have no other connection to give.
type kept struct {
	mu         sync.Mutex
	statements map[string]*sql.Stmt // nil: wanted
	wanted     []string
}

// statement gives the statement of a text, or nil and notes that it is wanted, unless
// there are as many as most already.
func (k *kept) statement(text string, most int) *sql.Stmt {
	k.mu.Lock()
	defer k.mu.Unlock()
	stmt, known := k.statements[text]
	if !known && len(k.statements) < most {
		if k.statements == nil {
			k.statements = make(map[string]*sql.Stmt)
		}
		k.statements[text] = nil
		k.wanted = append(k.wanted, text)
	}
	return stmt
}

// take gives the wanted texts to the one who is going to prepare them.
func (k *kept) take() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	wanted := k.wanted
	k.wanted = nil
	return wanted
}

func (k *kept) put(text string, stmt *sql.Stmt) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.statements[text] = stmt
}

// drop forgets texts that could not be prepared, so that they are wanted again.
func (k *kept) drop(texts []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, text := range texts {
		delete(k.statements, text)
	}
}

// all takes every statement out, for closing.
func (k *kept) all() []*sql.Stmt {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []*sql.Stmt
	for _, stmt := range k.statements {
		all = append(all, stmt)
	}
	k.statements, k.wanted = nil, nil
	return all
}

// prepareWanted prepares what was met before this transaction.
func (s *Store) prepareWanted(ctx context.Context) error {
	wanted := s.kept.take()
	for i, text := range wanted {
		stmt, err := s.db.PrepareContext(ctx, text)
		if err != nil {
			// They need not be kept; the transaction that uses them meets what is wrong. The
			// table of a text may be one that was not made after all.
			s.kept.drop(wanted[i:])
			return ctx.Err()
		}
		s.kept.put(text, stmt)
	}
	return nil
}
