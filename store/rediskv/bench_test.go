package rediskv

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"zohocrm/oauth"
)

// crowd is how many rows the benchmarks work among.
const crowd = 10_000

// crowded is a store of many rows, filled past Save, in one round trip per 1000.
func crowded(b *testing.B) *Store {
	b.Helper()
	s := open(b)
	ctx := context.Background()
	for i := 0; i < crowd; i += 1000 {
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for j := range 1000 {
				token := user(fmt.Sprint("user", i+j))
				token.ID = fmt.Sprint(i + j + 1)
				e := newEdit(s.keys)
				e.put(token, oauth.Token{}, false)
				c := e.commands()
				for at := 0; at < len(c); {
					words := c[at].(int)
					p.Do(ctx, c[at+1:at+1+words]...)
					at += words + 1
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// bareEval sends a script that the server knows, as the driver does it.
func bareEval(ctx context.Context, b *testing.B, s *Store, sha string, keys []string, args []any) any {
	reply, err := s.client.EvalSha(ctx, sha, keys, args...).Result()
	if err != nil {
		b.Fatal(err)
	}
	return reply
}

// side is one of the ways to do the same that are compared.
type side struct {
	name string
	do   func()
}

// compare does the same in several ways by turns, so that a busy machine slows
// all of them down, and reports the median of each, and its ratio to the last.
func compare(b *testing.B, sides ...side) {
	b.Helper()
	took := make([][]time.Duration, len(sides))
	for b.Loop() {
		for i, s := range sides {
			begun := time.Now()
			s.do()
			took[i] = append(took[i], time.Since(begun))
		}
	}
	median := func(i int) float64 {
		slices.Sort(took[i])
		return float64(took[i][len(took[i])/2])
	}
	last := median(len(sides) - 1)
	for i, s := range sides {
		b.ReportMetric(median(i), s.name+"-ns")
		b.ReportMetric(median(i)/last, s.name+"-ratio")
	}
	b.ReportMetric(0, "ns/op") // of all together: says nothing
}

// BenchmarkFind compares Find with what it stands on: the same commands without
// a script, and the same script sent by the bare driver.
func BenchmarkFind(b *testing.B) {
	s := crowded(b)
	ctx := b.Context()
	n := 0
	partial := func() oauth.Token {
		n++
		return oauth.Token{UserName: fmt.Sprint("user", n*7919%crowd)}
	}
	find := func() {
		if _, err := s.Find(ctx, partial()); err != nil {
			b.Fatal(err)
		}
	}
	find() // the server knows the script from here on
	compare(b,
		side{"store", find},
		side{"commands", func() {
			h := hash(partial(), oauth.ByUserName)
			found, err := s.client.ZRangeByLex(ctx, s.keys.index(oauth.ByUserName), &redis.ZRangeBy{Min: "[" + h + ":", Max: "(" + h + ";"}).Result()
			if err != nil || len(found) != 1 {
				b.Fatal(found, err)
			}
			row, err := s.client.HMGet(ctx, s.keys.row+found[0][76:], fields()...).Result()
			if err != nil || row[0] == nil {
				b.Fatal(row, err)
			}
		}},
		side{"hgetall", func() { // what nobody can do who does not know the ID
			n++
			row, err := s.client.HGetAll(ctx, s.keys.row+fmt.Sprint(n*7919%crowd+1)).Result()
			if err != nil || row["id"] == "" {
				b.Fatal(row, err)
			}
		}},
		side{"script", func() {
			args := []any{s.keys.row, hash(partial(), oauth.ByUserName)}
			reply := bareEval(ctx, b, s, s.scripts.one[oauth.ByUserName].sha, []string{s.keys.index(oauth.ByUserName)}, args)
			if len(reply.([]any)) != 1 {
				b.Fatal("not one row")
			}
		}},
	)
}

// BenchmarkSave compares a Save of a new access token with its two scripts sent
// by the bare driver, their arguments made beforehand.
func BenchmarkSave(b *testing.B) {
	s := crowded(b)
	ctx := b.Context()
	n := 0
	change := func() oauth.Token { // never the same
		n++
		return oauth.Token{UserName: fmt.Sprint("user", n*7919%crowd), AccessToken: oauth.NewSecret(fmt.Sprint("1000.new.", n))}
	}
	saveNext := func() {
		if _, err := s.Save(ctx, change()); err != nil {
			b.Fatal(err)
		}
	}
	saveNext()
	var next struct{ look, change []any }
	compare(b,
		side{"store", saveNext},
		side{"preparation", func() { next = prepare(b, s, change()) }}, // not compared
		side{"scripts", func() {
			next.change[len(next.look)] = bareEval(ctx, b, s, s.scripts.snapshot.sha, s.keys.fixed, next.look).([]any)[0]
			if bareEval(ctx, b, s, s.scripts.change.sha, s.keys.fixed, next.change) != int64(1) {
				b.Fatal("nothing was changed")
			}
		}},
	)
}

// prepare makes the arguments of both scripts for a Save.
func prepare(b *testing.B, s *Store, t oauth.Token) (p struct{ look, change []any }) {
	b.Helper()
	l, err := s.snapshot(b.Context(), []oauth.Token{t})
	if err != nil {
		b.Fatal(err)
	}
	st := newState(s, l)
	if _, err := st.save(0); err != nil {
		b.Fatal(err)
	}
	p.look = s.lookArgs(l.of)
	p.change = append(append(s.lookArgs(l.of), "the stamp", "", ""), st.edit().commands()...)
	return p
}

// BenchmarkInsert is a Save of a new user by many goroutines at once, who all
// want the next ID.
func BenchmarkInsert(b *testing.B) {
	s := open(b)
	b.SetParallelism(16)
	n := make(chan int)
	go func() {
		defer close(n)
		for i := range b.N {
			n <- i
		}
	}()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Save(context.Background(), user(fmt.Sprint("new", <-n))); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkSaveAll is a batch of a thousand new users, and how long the server
// serves nobody else because of one.
func BenchmarkSaveAll(b *testing.B) {
	s := open(b)
	ctx := b.Context()
	n := 0
	for b.Loop() {
		users := make([]oauth.Token, oauth.BatchSize)
		for i := range users {
			n++
			users[i] = user(fmt.Sprint("user", n))
		}
		if err := s.SaveAll(ctx, slices.Values(users)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "tokens/s")
	longest := int64(0)
	for _, entry := range s.client.SlowLogGet(ctx, 100).Val() {
		longest = max(longest, entry.Duration.Microseconds())
	}
	b.ReportMetric(float64(longest), "longest-us")
}
