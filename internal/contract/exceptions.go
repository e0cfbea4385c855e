package contract

import "regexp"

// exception is something that an OpenAPI file of Zoho's forbids and Zoho does, or
// demands and Zoho does not.
type exception struct {
	area  string // pattern of the file without ".json"; "": any
	side  string // pattern of "request" and "answer"
	where string // pattern of the whole of [Finding.Where]
	what  string // pattern in [Finding.What]; "": any
	why   string
}

// Exceptions are the findings that are let pass. They remember which of them was
// needed: one that is not is no exception any more.
type Exceptions struct {
	list []*allowed
}

type allowed struct {
	exception
	areas, sides, wheres, whats *regexp.Regexp
	used                        bool
}

func newExceptions(list []exception) *Exceptions {
	all := new(Exceptions)
	for _, e := range list {
		whole := func(pattern string) *regexp.Regexp { return regexp.MustCompile("^(?:" + pattern + ")$") }
		all.list = append(all.list, &allowed{exception: e, areas: whole(e.area), sides: whole(e.side), wheres: whole(e.where), whats: regexp.MustCompile(e.what)})
	}
	return all
}

// Unneeded are the exceptions that allowed nothing.
func (x *Exceptions) Unneeded() (list []string) {
	for _, a := range x.list {
		if !a.used {
			list = append(list, a.area+" "+a.side+" "+a.where+" "+a.what)
		}
	}
	return list
}

// allow leaves out what the exceptions let pass.
func (d *Descriptions) allow(list []Finding) (rest []Finding) {
	for _, f := range list {
		if !d.exceptions.cover(f) {
			rest = append(rest, f)
		}
	}
	return rest
}

func (x *Exceptions) cover(f Finding) bool {
	for _, a := range x.list {
		if (a.area == "" || a.areas.MatchString(f.Operation.Area)) && a.sides.MatchString(f.Side) && a.wheres.MatchString(f.Where) && a.whats.MatchString(f.What) {
			a.used = true
			return true
		}
	}
	return false
}
