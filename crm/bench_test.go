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
