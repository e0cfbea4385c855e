package crm

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// resultOf is a bulk result of these bytes.
func resultOf(t testing.TB, archive []byte) *BulkResult {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "result.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(archive); err != nil {
		t.Fatal(err)
	}
	b := &BulkResult{file: file, size: int64(len(archive))}
	t.Cleanup(func() { b.Close() })
	return b
}

func packed(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write(content)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// FuzzBulkResult: whatever comes as a result, there are rows, or one error.
func FuzzBulkResult(f *testing.F) {
	f.Add(packed(f, "1.csv", []byte("Id,A\n1,x\n")))
	f.Add(packed(f, "../../etc/x.CSV", []byte("\ufeffId\n\"1\n2\"\n")))
	f.Add(packed(f, "x.txt", nil))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, archive []byte) {
		ended := false
		for row, err := range resultOf(t, archive).Rows(t.Context()) {
			if ended {
				t.Fatal("it goes on after an error")
			}
			if err != nil {
				ended = true
				continue
			}
			if len(row.Values()) != len(row.Columns()) {
				t.Fatalf("%q %q", row.Columns(), row.Values())
			}
			row.ID()
		}
	})
}

// FuzzBulkCSV uses encoding/csv as the oracle, and packs what it reads.
func FuzzBulkCSV(f *testing.F) {
	for _, seed := range []string{"Id,A\n1,x\n2,\"a\nb\"\n", "a\n", "", "a,a\n1,2", "a\n\"", "a\r\n1\r\n", "\ufeffId\n7", "a,b\n1\n", "\n\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		want, wantErr := csv.NewReader(bytes.NewReader(content)).ReadAll()
		n := 0
		_, err := readCSV(t.Context(), bytes.NewReader(content), &n, func(row Row, err error) bool {
			if wantErr == nil && row.Values()[0] != want[n][0] {
				t.Fatalf("row %d is %q", n, row.Values())
			}
			return err == nil
		})
		if (err == nil) != (wantErr == nil) || err == nil && n != max(0, len(want)-1) {
			t.Fatalf("%d rows, %v; encoding/csv: %d, %v", n, err, len(want), wantErr)
		}
		source, header, err := openCSV(bytes.NewReader(content))
		if err != nil || source.next == nil {
			return
		}
		part, err := packPart(source, header)
		if err != nil {
			return
		}
		defer part.remove()
		if wantErr != nil || part.rows != len(want)-1 || part.more {
			t.Fatalf("%d rows were packed (more: %v), want %d (%v)", part.rows, part.more, len(want)-1, wantErr)
		}
		if err := rewind(part.file); err != nil {
			t.Fatal(err)
		}
		archive, err := io.ReadAll(part.file)
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for row, err := range resultOf(t, archive).Rows(t.Context()) {
			if i++; err != nil || row.Values()[0] != want[i][0] {
				t.Fatalf("row %d: %q, %v, want %q", i, row.Values(), err, want[i])
			}
		}
	})
}
