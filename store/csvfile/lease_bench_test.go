package csvfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"zohocrm/oauth"
)

// BenchmarkLease is a lease from Acquire to Settle. It takes turns with a Save to
// a file of a thousand users, so that the ratio of both is known also on a
// machine that has other work.
func BenchmarkLease(b *testing.B) {
	for name, kind := range map[string]oauth.OutcomeKind{"Minted": oauth.Minted, "Withdrawn": oauth.Withdrawn} {
		b.Run(name, func(b *testing.B) {
			path := crowdFile(b, 1000)
			s := open(b, path)
			var saves time.Duration
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				began := time.Now()
				if _, err := s.Save(b.Context(), oauth.Token{UserName: "user7", RefreshToken: oauth.NewSecret("r.7"), AccessToken: oauth.NewSecret(fmt.Sprint(i))}); err != nil {
					b.Fatal(err)
				}
				saves += time.Since(began)
				b.StartTimer()
				l, err := s.Acquire(b.Context(), oauth.Claim{Key: oauth.NewSecret(fmt.Sprint(i)).Hash(), Owner: "me"})
				if err == nil {
					err = s.Settle(b.Context(), l, oauth.Outcome{Kind: kind})
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(saves), "saves/op")
			b.ReportMetric(float64(saves.Microseconds())/float64(b.N), "µs/save")
		})
	}
}

// BenchmarkLeaseAgain is the same for one credential, whose files are there.
func BenchmarkLeaseAgain(b *testing.B) {
	s := open(b, location(b))
	for b.Loop() {
		settle(b, s, acquire(b, s, "me"), oauth.Released)
	}
}

// BenchmarkStandings is a look at a credential of which nothing is kept, at one
// that nobody refreshes, and at one that somebody does.
func BenchmarkStandings(b *testing.B) {
	for _, name := range []string{"Unknown", "Idle", "Held"} {
		b.Run(name, func(b *testing.B) {
			path := location(b)
			s, looker := open(b, path), open(b, path)
			if name != "Unknown" {
				l := acquire(b, s, "me")
				if name == "Idle" {
					settle(b, s, l, oauth.Minted)
				}
			}
			for b.Loop() {
				standing(b, looker)
			}
		})
	}
}

// BenchmarkLeaseWhileWriting is a lease while another program writes a file of
// ten thousand users all the time; with the lock of the token file, each would
// wait for a writing.
func BenchmarkLeaseWhileWriting(b *testing.B) {
	path := crowdFile(b, 10_000)
	cmd, lines := startChild(b, self(b), "forever", path)
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	if !lines.Scan() {
		b.Fatal("the writer does not begin")
	}
	go func() {
		for lines.Scan() {
		}
	}()
	s := open(b, path)
	for b.Loop() {
		settle(b, s, acquire(b, s, "me"), oauth.Released)
	}
	if _, err := os.Stat(filepath.Join(path+".zcrm", "new")); err != nil && !os.IsNotExist(err) {
		b.Fatal(err)
	}
}
