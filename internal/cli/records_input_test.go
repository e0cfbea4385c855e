package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"

	"zohocrm/crm"
)

// readAll reads data as create does, without knowing the module's fields.
func readAll(data io.Reader, types fieldTypes) (texts []string, err error) {
	records, err := (&recordsWriteOptions{}).records(data, &types)
	if err != nil {
		return nil, err
	}
	for record, err := range records {
		if err != nil {
			return texts, err
		}
		texts = append(texts, record.String())
	}
	return texts, nil
}

func TestReadData(t *testing.T) {
	const big = `{"id":"4150869000000300040","n":12345678901234567890.10,"sub":[{"a":null}],"ü":"\u00fc"}`
	types := fieldTypes{module: "M", kinds: map[string]string{"n": "integer", "d": "double", "b": "boolean", "l": "jsonobject", "m": "jsonarray", "t": "string"}}
	for _, c := range []struct{ data, want string }{
		{big, big},
		{"[" + big + "," + big + "]", big + " " + big},
		{"\ufeff \n" + big + "\n" + big + big + "\r\n", big + " " + big + " " + big},
		{`{ "data" : [` + big + `] }`, big},
		{`{"data":"x","y":1}`, `{"data":"x","y":1}`},
		{"n,d,b,l,m,t\n 7 ,1.50,TRUE,123,x;y,007\n", `{"n":7,"d":1.50,"b":true,"l":{"id":"123"},"m":["x","y"],"t":"007"}`},
		{"n,b,l,m\nmany,perhaps,Acme & Co,\"[\"\"x\"\"]\"\n,,,\n", `{"n":"many","b":"perhaps","l":{"name":"Acme & Co"},"m":["x"]} {}`},
		{"\ufefft\n\"two\nlines \"\"quoted\"\"\"\n", `{"t":"two\nlines \"quoted\""}`},
		{"n\n0x10\n01\n+5\nNaN\n1e3\n", `{"n":"0x10"} {"n":"01"} {"n":"+5"} {"n":"NaN"} {"n":1e3}`},
	} {
		got, err := readAll(strings.NewReader(c.data), types)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%q: %v\n%s\nwant\n%s", c.data, err, strings.Join(got, " "), c.want)
		}
	}
	for data, want := range map[string]string{
		"": "no records", " \n\t": "no records", "[1]": "record 1 of the data is not a JSON object", "[{}]x": "more behind the end",
		`{"a":1}{"a":`: "record 2 of the data is cut off", `[{"a":1}`: "cut off", `{"a":1}]`: "record 2 of the data is not JSON",
		"a\nb\nZ\xfcrich\n": "line 3 of the data is not UTF-8: convert it to UTF-8, as with iconv", "\xe9\n": "line 1 of the data is not UTF-8",
		"a\n\"x\ny\"\nZ\xfcrich\n":         "line 4 of the data is not UTF-8",
		"{\"a\":1}\n{\"a\":\"Z\xfcrich\"}": "record 2 of the data is not UTF-8: convert it", "[{\"Z\xfc\":1}]": "record 1 of the data is not UTF-8",
		"\xff\xfe{\x00": "the data is UTF-16: convert it to UTF-8, as with iconv", "\xfe\xff\x00a": "the data is UTF-16",
		"a,b\n1\n": "line 2 of the data is not CSV", "a,\"b\n": "is not CSV", "a,a\n": "two columns", "a b\n1\n": "column 1 of the first row",
	} {
		if _, err := readAll(strings.NewReader(data), types); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", data, err, want)
		}
	}
}

// endless is data of which there is no end.
type endless struct{ text string }

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n+len(e.text) <= len(p) {
		n += copy(p[n:], e.text)
	}
	if n == 0 {
		n = copy(p, e.text)
	}
	return n, nil
}

// All of the data may be of any length, one record may not.
func TestReadDataBounds(t *testing.T) {
	long := io.MultiReader(strings.NewReader(`{"a":"`), endless{"xxxxxxxxxxxxxxxx"})
	if _, err := readAll(long, fieldTypes{}); err == nil || !strings.Contains(err.Error(), "longer than 16 MiB") {
		t.Errorf("a record without end: %v", err)
	}
	// A reader that gives much at once, as a decoder asks for, does not help.
	for _, rest := range []string{`"}`, `"}` + "\n" + `{"a":1}`} {
		whole := `{"a":1}` + "\n" + `{"a":"` + strings.Repeat("x", 3*maxRecord/2) + rest
		if got, err := readAll(strings.NewReader(whole), fieldTypes{}); len(got) != 1 || err == nil || !strings.Contains(err.Error(), "record 2 of the data: it is longer than 16 MiB") {
			t.Errorf("a record of 24 MiB: %d records and %v", len(got), err)
		}
	}
	for head, want := range map[string]string{"a,b\n1,2\n3,\"": "begins at line 3 is longer than 16 MiB: look for a quote", "a,\"": "begins at line 1 is", "a,b\n1,\"2\n3\"\n4,\"": "begins at line 4 is"} {
		if _, err := readAll(io.MultiReader(strings.NewReader(head), endless{"x,y\nxxx,yyy\n"}), fieldTypes{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a quote that is not closed: %v, want %q", err, want)
		}
	}
	n := 0
	line := fmt.Sprintf("{\"a\":%q}\n", strings.Repeat("x", 1014)) // 1 KiB, which fits the reader's memory
	in := bufio.NewReaderSize(endless{line}, 64<<10)
	for _, err := range jsonRecords(in, shapeOf(in)) {
		if err != nil {
			t.Fatalf("record %d: %v", n, err)
		}
		if n++; n == 3*maxRecord/len(line) {
			break
		}
	}
}

func FuzzReadData(f *testing.F) {
	for _, seed := range []string{`[{"a":1}]`, "a,b\n1,2\n", `{"data":[{}]}`, "{}{}", "\ufeff[", `{"data":[{}],"x":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		texts, _ := readAll(strings.NewReader(data), fieldTypes{kinds: map[string]string{"a": "integer", "b": "jsonarray"}})
		for _, text := range texts {
			if _, err := crm.ParseRecord([]byte(text)); err != nil {
				t.Errorf("%q is no record", text)
			}
		}
	})
}
