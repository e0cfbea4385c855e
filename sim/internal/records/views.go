package records

import "time"

// View is a custom view: a stored filter of a module's list.
type View struct {
	ID, Name, Label string
	Match           Matcher // nil: all records
}

// Views are the views that each module has from the start: all records, one's
// own, and those changed within a day. who is the user who looks.
func (b *Book) Views(module string, who Person, now time.Time) []View {
	t := b.tables[module]
	dayAgo := now.Add(-24 * time.Hour).Unix()
	return []View{
		{ID: t.ViewID(0), Name: "All_" + module, Label: "All " + module},
		{
			ID: t.ViewID(1), Name: "My_" + module, Label: "My " + module,
			Match: func(r *record) bool { return r.owner.ID == who.ID },
		},
		{
			ID: t.ViewID(2), Name: "Recently_Modified_" + module, Label: "Recently Modified " + module,
			Match: func(r *record) bool { return r.modified > dayAgo },
		},
	}
}
