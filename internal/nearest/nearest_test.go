package nearest_test

import (
	"fmt"
	"strings"
	"testing"

	"zohocrm/internal/nearest"
)

func Example() {
	fmt.Println(nearest.Name("last_nmae", []string{"First_Name", "Last_Name"}))
	// Output: Last_Name
}

func TestName(t *testing.T) {
	known := []string{"Leads", "Accounts", "Contacts", "Deals", "Last_Name", "First_Name", "Email", "Owner", "City"}
	for name, want := range map[string]string{
		"Laeds": "Leads", "leads": "Leads", "Lead": "Leads", "Contcats": "Contacts", "lastname": "Last_Name", "LastNmae": "Last_Name",
		"E-mail": "Email", "Emial": "Email", "Emails": "Email", "Ctiy": "City", "City_": "City",
		"Revenue": "", "Zzz": "", "": "", "Leads": "", "x": "", strings.Repeat("x", 200): "", strings.Repeat("Email", 30): "",
	} {
		if got := nearest.Name(name, known); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
