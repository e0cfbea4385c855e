package csvrow_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"reflect"
	"testing"

	"zohocrm/internal/csvrow"
)

func Example() {
	w := csvrow.NewWriter(os.Stdout)
	for _, row := range [][]string{{"Phone"}, {""}, {"555"}} {
		if err := w.Write(row); err != nil {
			fmt.Println(err)
		}
	}
	w.Flush()
	// Output:
	// Phone
	// ""
	// 555
}

// TestRowsComeBack: what is written is read again, row by row.
func TestRowsComeBack(t *testing.T) {
	for _, rows := range [][][]string{
		{{""}}, {{""}, {""}, {"a"}}, {{"a"}, {""}}, {{"", ""}, {"", ""}}, {{"\""}, {""}, {"a\nb"}, {","}},
	} {
		var text bytes.Buffer
		w := csvrow.NewWriter(&text)
		for _, row := range rows {
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		if err := w.Error(); err != nil {
			t.Fatal(err)
		}
		if got, err := csv.NewReader(&text).ReadAll(); err != nil || !reflect.DeepEqual(got, rows) {
			t.Errorf("%q came back as %q, %v", rows, got, err)
		}
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestErrorIsKept, also of rows that package csv does not write.
func TestErrorIsKept(t *testing.T) {
	w := csvrow.NewWriter(full{})
	for range 5000 {
		_ = w.Write([]string{""})
	}
	w.Flush()
	if err := w.Error(); !errors.Is(err, errFull) {
		t.Errorf("Error: %v", err)
	}
}
