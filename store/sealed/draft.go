package sealed

import (
	"fmt"
	"slices"
	"strings"

	"zohocrm/oauth"
)

// draft is what a batch will change: the inner store's rows, and over them those
// that tokens of the batch change, add or remove.
type draft struct {
	f       *finder
	first   int                // the number of the batch's first token
	changes []*change          // in the order in which they were first touched
	stored  map[origin]*change // of the rows that the inner store has
	drafted map[string]*change // by the Version that the row has in this draft
	index   map[value][]*change
	count   int
}

// value is one value of one key.
type value struct {
	key  oauth.Key
	text string
}

// change is one row as the batch leaves it.
type change struct {
	plain oauth.Token   // its ID and Version may be this draft's own
	old   *row          // as it is in the inner store; nil: it is new
	gone  bool          // it goes into another one
	eats  []oauth.Token // rows of the inner store that go into it
	last  int           // the token of the batch that changed it last
	away  bool          // its side data were dropped, for it got another refresh token
}

func newDraft(f *finder, first int) *draft {
	return &draft{
		f: f, first: first,
		stored: make(map[origin]*change), drafted: make(map[string]*change), index: make(map[value][]*change),
	}
}

// newID marks the ID of a row that has none yet. No store holds a NUL.
const newID = "\x00"

// add plans the Save of the token with the number i.
func (d *draft) add(t oauth.Token, i int) error {
	if err := d.f.s.check(t); err != nil {
		return err
	}
	d.f.version = t.Version
	plan, err := oauth.PlanSave(t, d.f.s.cfg.Now(), d.rows)
	if err != nil {
		return err
	}
	var c *change
	if plan.Insert() {
		c = &change{plain: oauth.Token{ID: plan.Row.ID}}
		if c.plain.ID == "" {
			c.plain.ID = newID + fmt.Sprint(len(d.changes))
		}
		d.changes = append(d.changes, c)
	} else {
		c = d.of(plan.Old)
	}
	if plan.Remove.Version != "" {
		r := d.of(plan.Remove)
		r.gone = true
		if r.old != nil {
			c.eats = append(c.eats, r.old.stored)
		}
		c.eats = append(c.eats, r.eats...)
	}
	d.put(c, plan.Row, i)
	return nil
}

// of is the change of a row that was found.
func (d *draft) of(t oauth.Token) *change {
	if c := d.drafted[t.Version]; c != nil {
		return c
	}
	old := d.f.found[originOf(t)]
	c := &change{plain: old.plain, old: &old}
	d.changes = append(d.changes, c)
	d.stored[originOf(t)] = c
	return c
}

// put makes plain what the row will be. It has another Version then, unless it is
// the same as before.
func (d *draft) put(c *change, plain oauth.Token, i int) {
	plain.ID, plain.Version = c.plain.ID, c.plain.Version
	if plain.Version == "" || !sameColumns(plain, c.plain) {
		d.count++
		plain.Version = newID + fmt.Sprint(d.count)
	}
	c.away = c.away || c.old != nil && plain.SideKey() != c.plain.SideKey()
	c.plain, c.last = plain, i
	d.drafted[plain.Version] = c
	for _, k := range oauth.Keys() {
		if v := k.Of(plain); v != "" {
			d.index[value{k, v}] = append(d.index[value{k, v}], c)
		}
	}
}

// rows is [oauth.Rows] over the draft.
func (d *draft) rows(k oauth.Key, text string) ([]oauth.Token, error) {
	stored, err := d.f.rows(k, text)
	if err != nil {
		return nil, err
	}
	var all []oauth.Token
	for _, t := range stored {
		if d.stored[originOf(t)] == nil {
			all = append(all, t)
		}
	}
	seen := make(map[*change]bool)
	for _, c := range d.index[value{k, text}] {
		if !c.gone && !seen[c] && k.Of(c.plain) == text {
			all = append(all, c.plain)
		}
		seen[c] = true
	}
	return all, nil
}

// returns reports whether a row gets another refresh token and then the one that it
// had: its side data are gone then, which its last state alone does not show.
func (d *draft) returns() bool {
	return slices.ContainsFunc(d.changes, func(c *change) bool {
		return c.away && !c.gone && c.plain.SideKey() == c.old.plain.SideKey()
	})
}

// sealed gives the Saves that carry the draft out, and for each the token of the
// batch for which it is made.
func (d *draft) sealed() (saves []oauth.Token, index []int, err error) {
	k := d.f.ring.Primary()
	for _, c := range d.changes {
		if c.gone {
			continue
		}
		plain := c.plain
		if plain.Version = ""; strings.HasPrefix(plain.ID, newID) {
			plain.ID = ""
		}
		sealed, err := d.f.s.seal(k, plain, c.old)
		if err != nil {
			return nil, nil, &oauth.BatchError{Index: d.first + c.last, Err: err}
		}
		saves, index = append(saves, sealed), append(index, c.last)
		for _, nameless := range c.eats {
			saves, index = append(saves, naming(sealed, nameless)), append(index, c.last)
		}
	}
	return saves, index, nil
}
