package transfer_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/transfer"
)

// Each benchmark is the price of one token: run with -benchtime=100000x.

func benchmark(b *testing.B, from, to func(testing.TB, ...oauth.Token) oauth.Store) {
	source, target := from(b, users(1, b.N+1)...), to(b)
	b.ResetTimer()
	report, err := transfer.Copy(context.Background(), source, target, transfer.Config{})
	if err != nil || report.Inserted != b.N {
		b.Fatal(report, err)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}

func inMemory(t testing.TB, rows ...oauth.Token) oauth.Store { return filled(t, rows...) }

func inFile(t testing.TB, rows ...oauth.Token) oauth.Store {
	path := filepath.Join(t.TempDir(), "tokens.txt")
	if err := os.WriteFile(path, []byte(csvOf(rows...)), 0o600); err != nil {
		t.Fatal(err)
	}
	return openCSV(t, path)
}

func inSQLite(t testing.TB, rows ...oauth.Token) oauth.Store {
	s := openSQLite(t, filepath.Join(t.TempDir(), "tokens.db"))
	if err := s.SaveAll(context.Background(), slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	return s
}

func BenchmarkMemoryToMemory(b *testing.B) { benchmark(b, inMemory, inMemory) }
func BenchmarkMemoryToSQLite(b *testing.B) { benchmark(b, inMemory, inSQLite) }
func BenchmarkCSVToSQLite(b *testing.B)    { benchmark(b, inFile, inSQLite) }
func BenchmarkSQLiteToMemory(b *testing.B) { benchmark(b, inSQLite, inMemory) }
