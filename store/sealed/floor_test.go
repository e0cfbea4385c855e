package sealed_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"zohocrm/oauth"
)

func BenchmarkFloor(b *testing.B) {
	const rows = 20_000
	ctx := context.Background()
	for b.Loop() {
		inner, err := openDatabase(ctx, filepath.Join(b.TempDir(), "tokens.db"))
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if err := inner.SaveAll(ctx, users(0, rows)); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(rows/time.Since(start).Seconds(), "insert/s")
		start = time.Now()
		var pend []oauth.Token
		n := 0
		for t, err := range inner.List(ctx) {
			if err != nil {
				b.Fatal(err)
			}
			n++
			x := oauth.NewSecret(fmt.Sprintf("%x", n*7919%65536) + t.ID + "dsjfhlksdjfhlskdjfhlsdkjfhlsdkjfhlsdkjhflsdkjhfljshdfljhsdfjhsldfjhlsdjfhlsdjhfljsdhf")
			t.RefreshToken, t.AccessToken, t.GrantToken, t.ClientSecret = x, x, x, x
			if pend = append(pend, t); len(pend) == 1000 {
				if err := inner.SaveAll(ctx, func(yield func(oauth.Token) bool) {
					for _, t := range pend {
						if !yield(t) {
							return
						}
					}
				}); err != nil {
					b.Fatal(err)
				}
				pend = pend[:0]
			}
		}
		b.ReportMetric(rows/time.Since(start).Seconds(), "update/s")
		inner.Close()
	}
}
