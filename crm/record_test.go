package crm_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
)

const sample = `{"id":"4150868000001234567","Last_Name":"O'Brien \u00e9\ud83d\ude00","Amount":12345678901234567890.123456789,"Count":42,
 "Count_As_Text":"43","Big":92233720368547758070,"Flag":true,"Off":false,"None":null,"Created_Time":"2026-03-01T10:20:30+05:30","Day":"2026-03-01",
 "Owner":{"name":"Alice","id":"7"},"Lines":[{"id":"a"},null,{"id":"b"},3],"Tag":[],"$approved":true,"esc\u0061ped":"yes","":"empty","Words":"Infinity","id":"doubled"}`

func parse(t testing.TB, text string) crm.Record {
	t.Helper()
	r, err := crm.ParseRecord([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFields(t *testing.T) {
	r := parse(t, sample)
	for field, want := range map[string]string{
		"id": "4150868000001234567", "Last_Name": "O'Brien é😀", "Amount": "12345678901234567890.123456789", "Count": "42", "Flag": "true", "Off": "false",
		"None": "", "Missing": "", "Owner": "", "Lines": "", "$approved": "true", "escaped": "yes", "": "empty",
	} {
		if got := r.Text(field); got != want {
			t.Errorf("Text(%q) = %q, want %q", field, got, want)
		}
	}
	if r.ID() != "4150868000001234567" || r.Sub("Owner").ID() != "7" || !r.Sub("Flag").IsZero() || !r.Sub("Missing").IsZero() {
		t.Error("ID or Sub")
	}
	if subs := r.Subs("Lines"); len(subs) != 2 || subs[1].ID() != "b" || r.Subs("Tag") != nil || r.Subs("Owner") != nil {
		t.Errorf("Subs = %v", subs)
	}
	for field, want := range map[string]bool{"id": true, "Tag": true, "None": false, "Missing": false} {
		if r.Has(field) != want {
			t.Errorf("Has(%q) = %v", field, !want)
		}
	}
}

func TestNumbersAndTimes(t *testing.T) {
	r := parse(t, sample)
	for field, want := range map[string]int64{"Count": 42, "Count_As_Text": 43, "id": 4150868000001234567} {
		if n, ok := r.Int(field); n != want || !ok {
			t.Errorf("Int(%q) = %d, %v", field, n, ok)
		}
	}
	for _, field := range []string{"Amount", "Big", "Flag", "None", "Missing", "Owner"} {
		if _, ok := r.Int(field); ok {
			t.Errorf("Int(%q) is one", field)
		}
	}
	if n, ok := r.Float("Amount"); !ok || n != 12345678901234567890.123456789 {
		t.Errorf("Float = %v, %v", n, ok)
	}
	for _, field := range []string{"Words", "None", "Flag", "Last_Name", "Tag"} {
		if _, ok := r.Float(field); ok {
			t.Errorf("Float(%q) is one", field)
		}
	}
	for field, want := range map[string][2]bool{"Flag": {true, true}, "Off": {false, true}, "None": {}, "Count": {}, "Missing": {}} {
		if v, ok := r.Bool(field); v != want[0] || ok != want[1] {
			t.Errorf("Bool(%q) = %v, %v", field, v, ok)
		}
	}
	if at, ok := r.Time("Created_Time"); !ok || !at.Equal(time.Date(2026, 3, 1, 4, 50, 30, 0, time.UTC)) {
		t.Errorf("Time = %v, %v", at, ok)
	}
	if at, ok := r.Time("Day"); !ok || !at.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("Time of a date = %v, %v", at, ok)
	}
	if _, ok := r.Time("Last_Name"); ok {
		t.Error("a name is a time")
	}
}

// TestNothingIsLost: what Zoho sent is what is written again.
func TestNothingIsLost(t *testing.T) {
	r := parse(t, sample)
	if r.String() != sample {
		t.Error("String changed the record")
	}
	var decoded struct {
		Amount json.Number
		Owner  struct{ Name string }
	}
	if err := r.Decode(&decoded); err != nil || decoded.Amount != "12345678901234567890.123456789" || decoded.Owner.Name != "Alice" {
		t.Errorf("Decode: %+v, %v", decoded, err)
	}
	var any map[string]any
	if err := r.Decode(&any); err != nil || any["Big"] != json.Number("92233720368547758070") {
		t.Errorf("Decode into a map: %v, %v", any["Big"], err)
	}
	fields := maps.Collect(r.Fields())
	if len(fields) != 18 || string(fields["Amount"]) != "12345678901234567890.123456789" || fields["escaped"] == nil {
		t.Errorf("%d fields", len(fields))
	}
	for range r.Fields() {
		break // stopping early is allowed
	}
	text, err := json.Marshal(map[string]crm.Record{"r": r})
	if err != nil || !strings.Contains(string(text), "12345678901234567890.123456789") {
		t.Errorf("Marshal: %s, %v", text, err)
	}
	var back map[string]*crm.Record
	if err := json.Unmarshal(text, &back); err != nil || back["r"].ID() != r.ID() {
		t.Errorf("Unmarshal: %v", err)
	}
}

func TestRecordOfOwnMemory(t *testing.T) {
	text := []byte(`{"a":"b"}`)
	r, err := crm.ParseRecord(text)
	if err != nil {
		t.Fatal(err)
	}
	clone := r.Clone()
	var unmarshalled crm.Record
	if err := unmarshalled.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	text[6] = 'x'
	if clone.Text("a") != "b" || unmarshalled.Text("a") != "b" {
		t.Error("Clone or UnmarshalJSON shares memory")
	}
}

func TestZeroRecord(t *testing.T) {
	var r crm.Record
	if r.ID() != "" || r.Has("x") || r.Raw("x") != nil || !r.IsZero() || r.String() != "null" || r.Decode(&struct{}{}) == nil || r.Subs("x") != nil {
		t.Error("the zero Record has something")
	}
	for range r.Fields() {
		t.Error("the zero Record has a field")
	}
	if text, err := json.Marshal(r); string(text) != "null" || err != nil {
		t.Errorf("%s, %v", text, err)
	}
	r = parse(t, `{"a":1}`)
	if err := json.Unmarshal([]byte("null"), &r); err != nil || !r.IsZero() {
		t.Errorf("null: %v, %v", r, err)
	}
}

func TestParseRecordTakesObjectsOnly(t *testing.T) {
	for _, text := range []string{"", "null", "[]", "1", `"x"`, "{", "{}x", `{"a":}`, "{} {}"} {
		if _, err := crm.ParseRecord([]byte(text)); err == nil {
			t.Errorf("%q is a record", text)
		}
		var r crm.Record
		if err := r.UnmarshalJSON([]byte(text)); err == nil && text != "null" {
			t.Errorf("%q was unmarshalled", text)
		}
	}
	if r, err := crm.NewRecord(lead{LastName: "X"}); err != nil || r.Text("Last_Name") != "X" {
		t.Errorf("NewRecord: %v, %v", r, err)
	}
	for _, v := range []any{7, make(chan int)} {
		if _, err := crm.NewRecord(v); err == nil {
			t.Errorf("NewRecord took %T", v)
		}
	}
}
