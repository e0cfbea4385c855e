package memory

import (
	"context"
	"fmt"
	"testing"

	"zohocrm/oauth"
)

// Among 100,000 tokens.
const crowd = 100_000

func crowded(b *testing.B) *Store {
	b.Helper()
	s := New(Config{})
	if err := s.SaveAll(context.Background(), users(0, crowd, -1)); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	return s
}

func BenchmarkFind(b *testing.B) {
	s := crowded(b)
	for i := range b.N {
		if _, err := s.Find(context.Background(), oauth.Token{UserName: fmt.Sprint("user", i%crowd)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSave(b *testing.B) {
	s := crowded(b)
	for i := range b.N {
		t := user(i % crowd)
		t.AccessToken = oauth.NewSecret(fmt.Sprint("new", i))
		if _, err := s.Save(context.Background(), t); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeleteAndInsert(b *testing.B) {
	s := crowded(b)
	for i := range b.N {
		t, err := s.Find(context.Background(), user(i%crowd))
		if err == nil {
			err = s.Delete(context.Background(), t.ID, t.Version)
		}
		if err == nil {
			t.ID, t.Version = "", ""
			_, err = s.Save(context.Background(), t)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSaveAll is the price of one of 100,000 tokens.
func BenchmarkSaveAll(b *testing.B) {
	for n := 0; n < b.N; n += crowd {
		if err := New(Config{}).SaveAll(context.Background(), users(0, min(crowd, b.N-n), -1)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkList(b *testing.B) {
	s := crowded(b)
	for range b.N {
		for _, err := range s.List(context.Background()) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
