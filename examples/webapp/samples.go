package main

import (
	"fmt"
	"strings"
)

// sampleLead is a lead as it is written; the tags are Zoho's API names.
type sampleLead struct {
	FirstName string `json:"First_Name"`
	LastName  string `json:"Last_Name"`
	Company   string `json:"Company"`
	Email     string `json:"Email"`
	Phone     string `json:"Phone"`
	Status    string `json:"Lead_Status,omitempty"`
}

// Alice and Bob know different people: nobody of the one is among the other's.

func aliceLeads() []sampleLead {
	return sampleLeads(48, "+351 21 555 %04d",
		[]string{"Inês", "Tomás", "Clara", "Rui", "Beatriz", "Nuno", "Sofia"},
		[]string{"Abrantes", "Barros", "Cordeiro", "Duarte", "Esteves", "Faria", "Gomes", "Lima"},
		[]string{"Atlantic Ceramics", "Porto Tramways", "Serra Outdoor", "Tejo Analytics"})
}

func bobLeads() []sampleLead {
	return sampleLeads(27, "+44 20 5550 %04d",
		[]string{"Amara", "Callum", "Niamh", "Oliver", "Priya"},
		[]string{"Hargreaves", "Iqbal", "Jennings", "Kavanagh", "Llewellyn", "Mbeki", "Nightingale"},
		[]string{"Harbour Freight Lines", "Kestrel Books", "Northwind Foods"})
}

// sampleLeads makes n leads. No name comes twice: the numbers of first and last names
// have no common divisor, and their product is greater than n.
func sampleLeads(n int, phone string, first, last, firms []string) []sampleLead {
	var all []sampleLead
	statuses := []string{"Not Contacted", "Contacted", "Qualified", ""}
	ascii := strings.NewReplacer("ê", "e", "á", "a")
	for i := range n {
		l := sampleLead{
			FirstName: first[i%len(first)], LastName: last[i%len(last)], Company: firms[i%len(firms)],
			Phone: fmt.Sprintf(phone, 1000+37*i), Status: statuses[i%len(statuses)],
		}
		firm, _, _ := strings.Cut(l.Company, " ")
		l.Email = strings.ToLower(ascii.Replace(l.FirstName + "." + l.LastName + "@" + firm + ".example"))
		all = append(all, l)
	}
	return all
}
