package records

import (
	"fmt"
	"time"
)

// Seed fills an empty book with made-up records, the same ones for the same
// arguments: leads Leads and at most five each of Accounts, Contacts and Deals,
// a minute apart, the last one created at now.
func (b *Book) Seed(leads int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	few := min(leads, 5)
	at := now.Truncate(time.Second).Add(-time.Duration(leads+3*few) * time.Minute)
	add := func(module string, values map[string]any) *record {
		at = at.Add(time.Minute)
		by := b.people[0]
		r := &record{id: b.nextID(), created: at, modified: at, owner: by, createdBy: by, modifiedBy: by, values: values}
		b.tables[module].put(r)
		return r
	}
	first := []string{"Ada", "Ben", "Chloe", "Dev", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jonas"}
	last := []string{"Abbott", "Brandt", "Castro", "Dubois", "Eriksen", "Fischer", "Gupta"}
	firm := []string{"Northwind", "Zylker", "Bluebird", "Kestrel", "Harbour"}
	for i := range few {
		name := firm[i%len(firm)]
		account := add("Accounts", map[string]any{
			"Account_Name": name, "Industry": "Services", "Website": "https://" + name + ".example",
		})
		link := map[string]any{"id": account.id, "name": name}
		contact := add("Contacts", map[string]any{
			"First_Name": first[i], "Last_Name": last[i], "Account_Name": link,
			"Email": fmt.Sprintf("contact%d@example.com", i+1),
		})
		add("Deals", map[string]any{
			"Deal_Name": name + " renewal", "Stage": "Qualification", "Amount": 1000 * (i + 1), "Account_Name": link,
			"Contact_Name": map[string]any{"id": contact.id, "name": last[i]}, "Closing_Date": now.AddDate(0, i+1, 0).Format(time.DateOnly),
		})
	}
	for i := range leads {
		add("Leads", map[string]any{
			"First_Name": first[i%len(first)], "Last_Name": last[i%len(last)], "Company": firm[i%len(firm)],
			"Email": fmt.Sprintf("lead%d@example.com", i+1), "Lead_Status": "Not Contacted", "Lead_Source": "Web",
		})
	}
}

func (b *Book) nextID() string {
	b.lastID++
	return b.newID(b.lastID)
}
