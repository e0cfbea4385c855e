package cli

import (
	"context"
	"iter"

	"zohocrm/crm"
	"zohocrm/oauth"
)

// remote is the CRM of one user.
type remote struct {
	*crm.Client
	app   *app
	owner oauth.Token // the stored row that is meant: ID, user name and client
	known knownNames
}

// withCRM does something in the CRM of the user who is meant.
func (a *app) withCRM(ctx context.Context, w who, do func(*remote) error) error {
	s, err := a.openSession(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	partial, err := s.partialFor(ctx, w)
	if err != nil {
		return err
	}
	client, err := s.crm(s.keeper.Source(partial))
	if err != nil {
		return err
	}
	return meant(do(&remote{Client: client, app: a, owner: partial, known: a.knownFor(partial)}), "")
}

// fields are those of a module, as they are remembered.
func (r *remote) fields(ctx context.Context, module string) ([]crm.Record, error) {
	known, err := r.known.get(ctx, r.Client, fieldsList(module))
	return known, meant(err, module)
}

// checkFields refuses names that are probably mistyped: Zoho leaves such a field
// out of a list, and says nothing.
func (r *remote) checkFields(ctx context.Context, module string, names []string) error {
	known, err := r.fields(ctx, module)
	if is(err, crm.ErrScope, crm.ErrPermission) {
		return nil // who may not read metadata may still read records
	}
	if err != nil {
		return err
	}
	types := typesOf(module, known)
	for _, name := range names {
		if err := types.unknown(name); err != nil {
			return err
		}
	}
	return nil
}

// printRows prints records as they come, at most limit of them if that is not 0.
// What came before an error is printed.
func (r *remote) printRows(ctx context.Context, rows iter.Seq2[crm.Record, error], w rowWriter, limit int) error {
	p := r.app.progressOf("record", r.Credits, false)
	defer p.stop()
	n, err := 0, error(nil)
	for record, failed := range rows {
		if failed != nil {
			err = failed
			break
		}
		if err = w.write(record); err != nil {
			return err // stdout is gone
		}
		p.add(1)
		if n++; n == limit {
			break
		}
	}
	p.stop()
	if n > 0 || err == nil {
		if failed := w.end(); err == nil {
			err = failed
		}
	}
	switch {
	case ctx.Err() != nil && n > 0:
		r.app.tell("%s came before the interrupt", count(n, "record"))
	case n == 0 && err == nil:
		r.app.tell("zcrm: there are no records")
	}
	if t, ok := w.(*tableWriter); ok && t.hidden > 0 {
		r.app.tell("zcrm: the terminal has no room for %s: choose with --fields, or see all with -o json", count(t.hidden, "more column"))
	}
	return err
}
