package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"zohocrm/oauth"
	"zohocrm/store/check"
)

const (
	// mostDoubles is how many users with several rows are counted at the most.
	mostDoubles = 20
	// mostNamed is how many of them, and of the IDs of each, are named.
	mostNamed = 3
)

// owner is a user of a client.
type owner struct{ user, client string }

// inspectDoubles looks for users who have several rows of one client, as two
// programs of an official SDK leave them that save at the same time.
func (s *Store) inspectDoubles(ctx context.Context) ([]check.Finding, error) {
	names, err := scanIDs(s.db.QueryContext(ctx, s.sql.doubles, mostDoubles+1))
	if err != nil {
		return nil, err
	}
	counted := min(len(names), mostDoubles)
	owners, ids, err := s.rowsOfNames(ctx, names[:counted])
	if err != nil {
		return nil, err
	}
	var shown []string
	n := 0
	for _, o := range owners {
		if len(ids[o]) < 2 {
			continue
		}
		if n++; n <= mostNamed {
			shown = append(shown, fmt.Sprintf("%s (ids %s)", check.Shown(o.user), firstOf(ids[o])))
		}
	}
	if n == 0 {
		return nil, nil
	}
	text := strings.Join(shown, ", ")
	switch more := n - len(shown); {
	case len(names) > counted:
		text += fmt.Sprintf(" and at least %d more", more+1)
	case more > 0:
		text += fmt.Sprintf(" and %d more", more)
	}
	return []check.Finding{{
		Severity: check.Warning, Code: "duplicate-user",
		Text:   "table " + s.table + ": several rows of one user and client, which an official SDK left; the one that expires last is used: " + text,
		Remedy: "see which one is used with zcrm token show --user NAME, and delete the others: zcrm token delete --id ID",
	}}, nil
}

// rowsOfNames gives the users and clients of the rows that have one of these names
// to the database, in order, and the IDs of each. The database may take names for
// equal that are not; they are told apart here.
func (s *Store) rowsOfNames(ctx context.Context, names []string) (owners []owner, ids map[owner][]string, err error) {
	ids = make(map[owner][]string)
	seen := make(map[string]bool)
	for _, name := range names {
		rows, err := s.sameNames(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		for _, row := range rows {
			o := owner{row.UserName, row.ClientID}
			if row.UserName == "" || seen[row.ID] {
				continue
			}
			if seen[row.ID] = true; ids[o] == nil {
				owners = append(owners, o)
			}
			ids[o] = append(ids[o], row.ID)
		}
	}
	return owners, ids, nil
}

// sameNames are the rows whose user name the database takes for this one.
func (s *Store) sameNames(ctx context.Context, name string) ([]oauth.Row, error) {
	rows, err := s.db.QueryContext(ctx, s.sql.find[oauth.ByUserName], name)
	if err != nil {
		return nil, fromDriver(err)
	}
	defer rows.Close()
	var line line
	var count sql.NullInt64
	var found []oauth.Row
	for rows.Next() {
		if err := rows.Scan(line.into(&count)...); err != nil {
			return nil, fromDriver(err)
		}
		found = append(found, s.layout.read(line.row()))
	}
	return found, fromDriver(rows.Err())
}

// firstOf names the first few IDs.
func firstOf(ids []string) string {
	text := strings.Join(ids[:min(len(ids), mostNamed)], ", ")
	if more := len(ids) - mostNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
