package transfer_test

import (
	"context"
	"path/filepath"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/transfer"
)

// Each benchmark is the price of one token: run with -benchtime=100000x.

func benchmark(b *testing.B, from, to func(testing.TB) oauth.Store) {
	source, target := from(b), to(b)
	if err := oauth.SaveAll(context.Background(), source, func(yield func(oauth.Token) bool) {
		for n := range b.N {
			if !yield(user(n + 1)) {
				return
			}
		}
	}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	report, err := transfer.Copy(context.Background(), source, target, transfer.Config{})
	if err != nil || report.Inserted != b.N {
		b.Fatal(report, err)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}

func inMemory(testing.TB) oauth.Store { return memory.New(memory.Config{}) }

func inFile(t testing.TB) oauth.Store { return openCSV(t, filepath.Join(t.TempDir(), "tokens.txt")) }

func inSQLite(t testing.TB) oauth.Store {
	return openSQLite(t, filepath.Join(t.TempDir(), "tokens.db"))
}

func BenchmarkMemoryToMemory(b *testing.B) { benchmark(b, inMemory, inMemory) }
func BenchmarkMemoryToSQLite(b *testing.B) { benchmark(b, inMemory, inSQLite) }
func BenchmarkCSVToSQLite(b *testing.B)    { benchmark(b, inFile, inSQLite) }
func BenchmarkSQLiteToMemory(b *testing.B) { benchmark(b, inSQLite, inMemory) }
