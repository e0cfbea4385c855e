package jsonscan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestValidAgreesWithEncodingJSON(t *testing.T) {
	for _, text := range []string{
		"", " ", "null", " null ", "nul", "nulll", "true", "false", "tru", "0", "-0", "01", "-", "1.", "1.5", "1.5e", "1e+9", "1E-09", ".5", "+1",
		`""`, `"a`, `"\u00e9"`, `"\u00g9"`, `"\u00e`, `"\x"`, `"\`, "\"\n\"", "\"\x7f\xff\"", `"a" "b"`,
		"[]", "[ ]", "[1,]", "[,1]", "[1 2]", "[1", "]", "[[[]]]", "{}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,"a":1}`, `{a:1}`, `{"a":1 "b":2}`, `{"a":[{"b":null}]}`,
		"\ufeff{}", "{} x", "{}\x00",
		strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000),
		strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001),
		strings.Repeat(`{"a":`, 10_001) + "1" + strings.Repeat("}", 10_001),
	} {
		if got, want := Valid([]byte(text)), json.Valid([]byte(text)); got != want {
			t.Errorf("Valid(%.40q) = %v, encoding/json says %v", text, got, want)
		}
	}
}

func TestObject(t *testing.T) {
	s := New([]byte(` { "a" : 1 , "b\u0021":[true, {"x":"}"}], "c":"\"" } `))
	var got []string
	whole := s.Object(func(name []byte) bool {
		got = append(got, fmt.Sprintf("%s=%s", Text(name), s.Value()))
		return true
	})
	if want := `[a=1 b!=[true, {"x":"}"}] c="\""]`; fmt.Sprint(got) != want || !whole || !s.End() {
		t.Errorf("got %v (whole %v, end %v), want %s", got, whole, s.End(), want)
	}
}

func TestArray(t *testing.T) {
	s := New([]byte(`[{"a":1}, 2,"3" ]`))
	var got []string
	if !s.Array(func() bool { got = append(got, string(s.Value())); return true }) || !s.End() {
		t.Error("the array was not read to its end")
	}
	if want := `[{"a":1} 2 "3"]`; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestStopEarly(t *testing.T) {
	s := New([]byte(`{"a":1,"b":2,broken`))
	var first string
	if s.Object(func([]byte) bool { first = string(s.Value()); return false }) {
		t.Error("a stopped walk claims to have read the whole object")
	}
	if first != "1" {
		t.Errorf("first value %q", first)
	}
	s = New([]byte(`[1,2`))
	if s.Array(func() bool { s.Value(); return false }) {
		t.Error("a stopped walk claims to have read the whole array")
	}
}

func TestMalformedIsNoticed(t *testing.T) {
	for _, text := range []string{`{"a":1`, `{"a" 1}`, `{"a":x}`, `{"a":1,}`, `[1]`, `"x"`, ``} {
		s := New([]byte(text))
		if s.Object(func([]byte) bool { s.Value(); return true }) || s.End() {
			t.Errorf("Object read %q", text)
		}
	}
	for _, text := range []string{`[1`, `[x]`, `[1,]`, `{}`, ``} {
		s := New([]byte(text))
		if s.Array(func() bool { s.Value(); return true }) || s.End() {
			t.Errorf("Array read %q", text)
		}
	}
}

func TestValueCannotBeAppendedTo(t *testing.T) {
	text := []byte(`[1,2]`)
	s := New(text)
	s.Array(func() bool { _ = append(s.Value(), "999"...); return true })
	if string(text) != `[1,2]` {
		t.Errorf("text became %s", text)
	}
}

func TestNameIs(t *testing.T) {
	for _, test := range []struct {
		spelled, name string
		want          bool
	}{
		{"ab", "ab", true}, {`a\u0062`, "ab", true}, {"abc", "ab", false}, {"", "ab", false}, {"", "", true},
		{`a\\b`, `a\b`, true}, {`a\\b`, `a\\b`, false}, {"\xff", "\ufffd", true}, {"é", "é", true},
	} {
		if got := NameIs([]byte(test.spelled), test.name); got != test.want {
			t.Errorf("NameIs(%q, %q) = %v", test.spelled, test.name, got)
		}
	}
}

// FuzzValid uses encoding/json as the oracle.
func FuzzValid(f *testing.F) {
	for _, seed := range []string{`{"data":[{"id":"1","n":-1.5e3,"s":"\u00e9\""},null,true],"info":{}}`, `[1,`, "\xff", `{"a":{"a":{"a":[[]]}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, want := Valid(text), json.Valid(text); got != want {
			t.Fatalf("Valid = %v, encoding/json says %v", got, want)
		}
		s := New(text)
		members := 0
		whole := s.Object(func([]byte) bool { members++; return s.Value() != nil })
		var m map[string]json.RawMessage
		err := json.Unmarshal(text, &m)
		if got, want := whole && s.End(), err == nil && m != nil; got != want {
			t.Fatalf("Object = %v, encoding/json: %v", got, err)
		}
		if err == nil && members < len(m) {
			t.Fatalf("%d members of %d", members, len(m))
		}
	})
}
