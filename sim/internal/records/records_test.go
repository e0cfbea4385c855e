package records

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"
)

func newBook() *Book {
	return New(func(n int) string { return fmt.Sprintf("4150869%012d", n) }, []Person{{ID: "1", Name: "A", Email: "a@x.example"}})
}

func TestGravesAreBounded(t *testing.T) {
	b := newBook()
	e := Edit{Module: "Leads", Now: time.Unix(0, 0)}
	for range maxGraves + 5 {
		b.Insert(e, []map[string]any{{"Last_Name": "X"}})
		b.Delete(e, []string{b.tables["Leads"].rows[0].id})
	}
	if n := len(b.tables["Leads"].graves); n != maxGraves {
		t.Errorf("%d", n)
	}
}

// Readers see whole records while writers replace them.
func TestReadersAndWriters(t *testing.T) {
	b := newBook()
	b.Seed(50, time.Unix(1_700_000_000, 0))
	id := b.tables["Leads"].rows[0].id
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 100 {
				e := Edit{Module: "Leads", Now: time.Unix(int64(1_700_000_000+n), 0)}
				switch i % 4 {
				case 0:
					b.Update(e, []map[string]any{{"id": id, "First_Name": fmt.Sprint(n), "Phone": fmt.Sprint(n)}})
				case 1:
					b.Insert(e, []map[string]any{{"Last_Name": "New"}})
				case 2:
					b.List("Leads", Query{SortBy: "Modified_Time", Limit: 10})
				case 3:
					row, _, _ := b.Get("Leads", id, nil)
					var lead struct{ Phone, First_Name, Email string }
					if err := json.Unmarshal(row, &lead); err != nil {
						t.Error(err)
					}
					if lead.Phone != lead.First_Name && lead.First_Name != "Ada" {
						t.Errorf("torn record: %s", row)
					}
				}
			}
		})
	}
	wg.Wait()
}

func FuzzParseCriteria(f *testing.F) {
	f.Add("((Last_Name:equals:X)and(Email:starts_with:y))")
	f.Add(`(Company:in:a,b\:c)`)
	f.Add("(((")
	b := newBook()
	b.Seed(3, time.Unix(1_700_000_000, 0))
	f.Fuzz(func(t *testing.T, text string) {
		match, err := b.ParseCriteria("Leads", text)
		if (match == nil) == (err == nil) {
			t.Fatalf("%q: %v", text, err)
		}
		if match != nil {
			b.Count("Leads", match)
		}
	})
}

func TestValidID(t *testing.T) {
	for id, ok := range map[string]bool{
		"4150869000000300001": true, "123456789012345678": true, "123": false, "": false,
		"415086900000030000x": false, "-15086900000030000": false, "41508690000003000011": false,
	} {
		if ValidID(id) != ok {
			t.Errorf("%q: %v", id, !ok)
		}
	}
}
