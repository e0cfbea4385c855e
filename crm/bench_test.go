package crm

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// pageOf200 is a page as Zoho sends it: 200 records of 30 fields.
func pageOf200() []byte {
	var b strings.Builder
	b.WriteString(`{"data":[`)
	for i := range 200 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"Owner":{"name":"Alice Example","id":"4150868000000225013","email":"alice@example.com"},"id":"41508680000%08d","Last_Name":"Lead %d","$approved":true,"Annual_Revenue":%d.25`, i, i, i*1000)
		for f := range 25 {
			fmt.Fprintf(&b, `,"Custom_Field_%d":"some text of a usual length %d"`, f, f)
		}
		b.WriteString(`,"Created_Time":"2026-03-01T10:20:30+05:30"}`)
	}
	b.WriteString(`],"info":{"per_page":200,"count":200,"page":1,"more_records":true,"next_page_token":"abc"}}`)
	return []byte(b.String())
}

// BenchmarkPage reads a page and two fields of each record.
func BenchmarkPage(b *testing.B) {
	text := pageOf200()
	b.Run("records", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			list := recordList{name: "data"}
			if err := list.decode(text); err != nil || len(list.records) != 200 {
				b.Fatal(err)
			}
			for _, r := range list.records {
				if r.ID() == "" || r.Text("Last_Name") == "" {
					b.Fatal("a field is missing")
				}
			}
		}
	})
	b.Run("table of 20", func(b *testing.B) {
		type row struct {
			ID      string   `json:"id"`
			Name    string   `json:"Last_Name"`
			Revenue float64  `json:"Annual_Revenue"`
			Owner   Record   `json:"Owner"`
			Created DateTime `json:"Created_Time"`
			F0      string   `json:"Custom_Field_0"`
			F1      string   `json:"Custom_Field_1"`
			F2      string   `json:"Custom_Field_2"`
			F3      string   `json:"Custom_Field_3"`
			F4      string   `json:"Custom_Field_4"`
			F5      string   `json:"Custom_Field_5"`
			F6      string   `json:"Custom_Field_6"`
			F7      string   `json:"Custom_Field_7"`
			F8      string   `json:"Custom_Field_8"`
			F9      string   `json:"Custom_Field_9"`
			F10     string   `json:"Custom_Field_10"`
			F11     string   `json:"Custom_Field_11"`
			F12     string   `json:"Custom_Field_12"`
			F13     string   `json:"Custom_Field_13"`
			F14     string   `json:"Custom_Field_14"`
		}
		p, err := planOf[row]()
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			list := recordList{name: "data"}
			if err := list.decode(text); err != nil || len(list.records) != 200 {
				b.Fatal(err)
			}
			r := p.reader()
			for _, record := range list.records {
				var value row
				if err := r.read(record, &value); err != nil || value.F14 == "" || value.ID == "" {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("map[string]any", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			var page struct {
				Data []map[string]any
				Info map[string]any
			}
			if err := json.Unmarshal(text, &page); err != nil {
				b.Fatal(err)
			}
			for _, r := range page.Data {
				if r["id"] == "" || r["Last_Name"] == "" {
					b.Fatal("a field is missing")
				}
			}
		}
	})
	b.Run("RawMessage", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			var page struct{ Data []json.RawMessage }
			if err := json.Unmarshal(text, &page); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLastField reads the last of 30 fields, which is the slowest one.
func BenchmarkLastField(b *testing.B) {
	list := recordList{name: "data"}
	if err := list.decode(pageOf200()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if list.records[0].Raw("Created_Time") == nil {
			b.Fatal("a field is missing")
		}
	}
}
