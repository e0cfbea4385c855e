package records

import "strconv"

// Conversion says what becomes of a lead.
type Conversion struct {
	Lead    string
	Account string         // the account to add to; "": one of the lead's company is made, if it has one
	Contact string         // the contact to merge into; "": one is made
	Deal    map[string]any // nil: none
	Owner   string         // of what is made; "": the lead's
	Tags    bool           // the lead's tags go with it
}

// ConvertedTo names what a conversion made or used. An ID is empty where there is
// no such record.
type ConvertedTo struct {
	Account, Contact, Deal, AccountName, ContactName, DealName string
}

// Convert turns a lead into a contact, and an account and a deal if there is
// reason for them. index is the place of the item in the request. Nothing is
// kept when it fails.
func (b *Book) Convert(e Edit, index int, c Conversion) (ConvertedTo, *Problem) {
	var journal Journal
	to, p := b.convert(Edit{Now: e.Now, By: e.By, Journal: &journal}, index, c)
	if p != nil {
		b.Undo(&journal)
		return ConvertedTo{}, p
	}
	if e.Journal != nil {
		e.Journal.entries = append(e.Journal.entries, journal.entries...)
	}
	return to, nil
}

func (b *Book) convert(e Edit, index int, c Conversion) (to ConvertedTo, p *Problem) {
	b.mu.Lock()
	defer b.mu.Unlock()
	leads := b.tables["Leads"]
	lead := leads.find(c.Lead)
	switch {
	case lead == nil:
		return to, &Problem{Code: "INVALID_DATA", Message: "invalid data", Details: map[string]any{"resource_path_index": 1}}
	case lead.converted:
		return to, &Problem{Code: "ID_ALREADY_CONVERTED", Message: "id already converted", Details: map[string]any{"resource_path_index": 1}}
	}
	take := func(name string) []byte { return lead.stored(leads.slot(name)) }
	owner := lead.owner
	if known := b.people[c.Owner]; known != nil {
		owner = known
	} else if c.Owner != "" {
		return to, convertProblem(index, "assign_to")
	}
	grow := func(module string, values map[string][]byte) *record {
		t := b.tables[module]
		d := newDraft(t.schema)
		d.created, d.modified, d.owner = e.Now.Unix(), e.Now.Unix(), owner
		d.createdBy = b.author(e.By)
		d.changedBy = d.createdBy
		for name, v := range values {
			if !isNull(v) {
				d.set(name, v)
			}
		}
		e.Module = module
		return t.find(b.add(e, t, d).ID)
	}
	account, p := b.chosen("Accounts", c.Account, index)
	if p != nil {
		return to, p
	}
	if account == nil && !isNull(take("Company")) {
		account = grow("Accounts", map[string][]byte{
			"Account_Name": take("Company"), "Phone": take("Phone"), "Website": take("Website"), "Industry": take("Industry"),
		})
	}
	contact, p := b.chosen("Contacts", c.Contact, index)
	if p != nil {
		return to, p
	}
	if contact == nil {
		values := map[string][]byte{}
		for _, name := range []string{"First_Name", "Last_Name", "Email", "Phone", "Mobile", "Lead_Source", "Description"} {
			values[name] = take(name)
		}
		if account != nil {
			values["Account_Name"] = link(b.tables["Accounts"], account, false)
		}
		contact = grow("Contacts", values)
	}
	if c.Tags {
		b.carryTags(e, leads.tagsOf(lead), contact)
	}
	to.Contact, to.ContactName = contact.id, string(plain(contact.stored(b.tables["Contacts"].slot(fullNameField))))
	if account != nil {
		to.Account, to.AccountName = account.id, string(plain(account.name(b.tables["Accounts"].schema)))
	}
	if c.Deal != nil {
		values := map[string]any{}
		for k, v := range c.Deal {
			values[k] = v
		}
		values["Contact_Name"] = contact.id
		if account != nil {
			values["Account_Name"] = account.id
		}
		done := b.insert(Edit{Module: "Deals", Now: e.Now, By: owner.Person, Journal: e.Journal}, index, values)
		if done.Problem != nil {
			if name, ok := done.Problem.Details["api_name"].(string); ok {
				done.Problem.Details["json_path"] = "$.data[" + strconv.Itoa(index) + "].Deals." + name
			}
			return to, done.Problem
		}
		to.Deal, to.DealName = done.ID, string(plain(b.tables["Deals"].find(done.ID).name(b.tables["Deals"].schema)))
	}
	d := revise(leads.schema, lead)
	d.converted = true
	e.Module = "Leads"
	b.replace(e, leads, lead, d)
	return to, nil
}

// chosen finds a record that the request names.
func (b *Book) chosen(module, id string, index int) (*record, *Problem) {
	if id == "" {
		return nil, nil
	}
	if r := b.tables[module].find(id); r != nil {
		return r, nil
	}
	return nil, convertProblem(index, module)
}

func convertProblem(index int, name string) *Problem {
	return &Problem{Code: "INVALID_DATA", Message: "invalid data", Details: map[string]any{
		"api_name": "id", "json_path": "$.data[" + strconv.Itoa(index) + "]." + name + ".id",
	}}
}

// carryTags puts tags of the same names on a contact.
func (b *Book) carryTags(e Edit, tags []*Tag, contact *record) {
	t := b.tables["Contacts"]
	var list []*Tag
	for _, tag := range tags {
		there := t.tagNamed(tag.Name)
		if there == nil {
			made, p := b.newTag(t, e, tag.Name)
			if p != nil {
				continue
			}
			there = made
		}
		list = append(list, there)
	}
	d := revise(t.schema, contact)
	d.set(tagField, tagJSON(list))
	e.Module = t.APIName
	b.replace(e, t, contact, d)
}
