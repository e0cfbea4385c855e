package records

import (
	"fmt"
	"strconv"
	"time"
)

// MaxRows bounds the records of one module.
const MaxRows = 1_000_000

// Seed fills an empty book with made-up records, the same ones for the same
// arguments: leads Leads and at most five each of Accounts, Contacts and Deals,
// a minute apart, the last one created at now.
func (b *Book) Seed(leads int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	few := min(leads, 5)
	at := now.Truncate(time.Second).Add(-time.Duration(leads+3*few) * time.Minute)
	for i := range few {
		account := b.grow(b.tables["Accounts"], i, at.Add(time.Minute), nil)
		contact := b.grow(b.tables["Contacts"], i, at.Add(2*time.Minute), map[string]*record{"Accounts": account})
		at = at.Add(3 * time.Minute)
		b.grow(b.tables["Deals"], i, at, map[string]*record{"Accounts": account, "Contacts": contact})
	}
	for i := range leads {
		at = at.Add(time.Minute)
		b.grow(b.tables["Leads"], i, at, nil)
	}
}

// SeedMore adds n made-up records to a module, all created at now; lookups stay
// empty. It returns how many it added and how many the module has then.
func (b *Book) SeedMore(module string, n int, now time.Time) (added, total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[module]
	for added < n && len(t.rows) < MaxRows {
		b.grow(t, len(t.rows), now, nil)
		added++
	}
	return added, len(t.rows)
}

// grow adds the i-th made-up record of a module.
func (b *Book) grow(t *table, i int, at time.Time, links map[string]*record) *record {
	d := newDraft(t.schema)
	d.created, d.modified = at.Unix(), at.Unix()
	d.owner, d.createdBy, d.changedBy = b.owner, b.owner, b.owner
	for _, f := range t.Fields {
		switch {
		case f.ReadOnly || f.Type == Owner:
		case f.Type == Lookup:
			if r := links[f.Module]; r != nil {
				d.set(f.APIName, link(b.tables[f.Module], r, false))
			}
		default:
			d.set(f.APIName, made(t.APIName, f, i, at))
		}
	}
	d.id = b.nextID()
	r := d.seal()
	t.put(r)
	return r
}

// made is the made-up value of a field.
func made(module string, f Field, i int, at time.Time) []byte {
	turn := func(list ...string) []byte { return quote(list[i%len(list)]) }
	first := []string{"Ada", "Ben", "Chloe", "Dev", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jonas"}
	last := []string{"Abbott", "Brandt", "Castro", "Dubois", "Eriksen", "Fischer", "Gupta"}
	firm := []string{"Northwind", "Zylker", "Aurora", "Kestrel", "Harbour"}
	switch f.APIName {
	case "First_Name":
		return turn(first...)
	case "Last_Name":
		return turn(last...)
	case "Company", "Account_Name":
		if i >= len(firm) && module == "Accounts" {
			return quote(firm[i%len(firm)] + " " + strconv.Itoa(i/len(firm)+1))
		}
		return turn(firm...)
	case "Email":
		return quote(fmt.Sprintf("%s%d@example.com", map[string]string{"Leads": "lead", "Contacts": "contact"}[module], i+1))
	case "Deal_Name":
		return quote(firm[i%len(firm)] + " renewal" + map[bool]string{true: " " + strconv.Itoa(i/len(firm)+1)}[i >= len(firm)])
	case "City", "Billing_City", "Mailing_City":
		return turn("Lisbon", "Oslo", "Pune", "Austin", "Kyoto", "Graz")
	case "Country", "Billing_Country":
		return turn("Portugal", "Norway", "India", "United States", "Japan", "Austria")
	case "State":
		return turn("Lisboa", "Oslo", "Maharashtra", "Texas", "Kansai", "Steiermark")
	case "Street":
		return quote(strconv.Itoa(1+i%200) + " High Street")
	case "Zip_Code":
		return quote(strconv.Itoa(10_000 + i%80_000))
	case "Designation", "Title":
		return turn("Director", "Engineer", "Buyer")
	case "Subject", "Campaign_Name", "Product_Name", "Event_Title":
		return quote(f.Label + " " + strconv.Itoa(i+1))
	case "Start_DateTime", "End_DateTime":
		return quote(at.UTC().Format(Stamp))
	}
	return madeByType(f, i, at)
}

func madeByType(f Field, i int, at time.Time) []byte {
	switch f.Type {
	case Integer:
		return strconv.AppendInt(nil, int64(1+i%500), 10)
	case Currency, Double:
		return strconv.AppendInt(nil, int64(1000*(1+i%500)), 10)
	case Boolean:
		return strconv.AppendBool(nil, i%2 == 1)
	case Date:
		return quote(at.UTC().AddDate(0, 1+i%12, 0).Format(time.DateOnly))
	case Picklist:
		if len(f.Picks) > 0 {
			return quote(f.Picks[i%len(f.Picks)])
		}
	case Phone:
		return quote(fmt.Sprintf("+1 555 %07d", i%10_000_000))
	case Website:
		return quote(fmt.Sprintf("https://www%d.example", 1+i%1000))
	}
	return nil
}
