package rediskv

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
)

func users(from, to int) []oauth.Token {
	var all []oauth.Token
	for i := from; i < to; i++ {
		all = append(all, user(fmt.Sprint("user", i)))
	}
	return all
}

// A batch that was overtaken takes numbers that are set aside for it, in a row
// with IDs that its tokens bring.
func TestBatchReserves(t *testing.T) {
	s := open(t)
	save(t, s, user("first"))
	batch := users(0, 5)
	batch[1].ID = "3"   // within those set aside
	batch[3].ID = "100" // beyond them
	if done, err := s.tryBatch(t.Context(), batch, 0, true); !done || err != nil {
		t.Fatal(done, err)
	}
	want := map[string]string{"first": "1", "user0": "2", "user1": "3", "user2": "4", "user3": "100", "user4": "101"}
	for token, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if token.ID != want[token.UserName] {
			t.Errorf("%s has id %s, want %s", token.UserName, token.ID, want[token.UserName])
		}
		delete(want, token.UserName)
	}
	if len(want) > 0 {
		t.Errorf("not saved: %v", want)
	}
	// A batch that fails then leaves a gap, and gives no number twice.
	bad := append(users(5, 7), oauth.Token{UserName: "nobody"})
	if done, err := s.tryBatch(t.Context(), bad, 0, true); done || err == nil {
		t.Errorf("%v, %v", done, err)
	}
	if next := save(t, s, user("next")); next.ID != "105" {
		t.Errorf("the next row has id %s, want 105", next.ID)
	}
}

// While others insert without a pause, from other processes as it were, a batch
// gets its turn, and no ID is given twice.
func TestBatchAmongInserts(t *testing.T) {
	url, prefix := servertest.Redis(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 3)
	for i := range cap(ended) {
		s := at(t, url, Config{Prefix: prefix})
		go func() {
			for n := 0; ; n++ {
				if _, err := s.Save(ctx, user(fmt.Sprintf("single%d.%d", i, n))); err != nil {
					if ctx.Err() != nil {
						err = nil
					}
					ended <- err
					return
				}
			}
		}()
	}
	s := at(t, url, Config{Prefix: prefix})
	err := s.SaveAll(t.Context(), slices.Values(users(0, 2000)))
	cancel()
	for range cap(ended) {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	ids, named := map[string]bool{}, 0
	for token, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if ids[token.ID] {
			t.Errorf("id %s was given twice", token.ID)
		}
		ids[token.ID] = true
		if strings.HasPrefix(token.UserName, "user") {
			named++
		}
	}
	if named != 2000 {
		t.Errorf("%d of 2000 are there", named)
	}
}

// A batch into a full server writes nothing, updates first or inserts first.
func TestBatchFullMemory(t *testing.T) {
	s := at(t, servertest.StartRedis(t).URL(), Config{})
	alice := save(t, s, user("alice"))
	s.client.ConfigSet(t.Context(), "maxmemory", "1")
	before := dump(t, s)
	renewed := oauth.Token{ID: alice.ID, RefreshToken: secret("new"), AccessToken: secret("new")}
	for _, batch := range [][]oauth.Token{append(users(0, 50), renewed), append([]oauth.Token{renewed}, users(0, 50)...)} {
		tells(t, "SaveAll", s.SaveAll(t.Context(), slices.Values(batch)), "memory is full")
		_, err := s.tryBatch(t.Context(), batch, 0, true)
		tells(t, "SaveAll, overtaken", s.failed(t.Context(), "save", err), "memory is full")
	}
	if !slices.Equal(dump(t, s), before) {
		t.Error("something was written")
	}
}

// Memory that runs out while tokens come: each that was saved is there, and none
// in part.
func TestMemoryRunsOut(t *testing.T) {
	s := at(t, servertest.StartRedis(t, "maxmemory 4mb", "maxmemory-policy noeviction").URL(), Config{})
	saved, n := 0, 0
	var err error
	for ; err == nil && n < 100_000; n += 100 {
		if err = s.SaveAll(t.Context(), slices.Values(users(n, n+100))); err == nil {
			saved += 100
		}
	}
	tells(t, "SaveAll", err, "memory is full", "maxmemory")
	all, err := oauth.All(t.Context(), s)
	if err != nil || saved == 0 || len(all) != saved {
		t.Fatalf("%d rows, %d were saved, %v", len(all), saved, err)
	}
	for i, token := range all {
		want := user(fmt.Sprint("user", i))
		if token.RefreshToken != want.RefreshToken || token.AccessToken != want.AccessToken || token.UserName != want.UserName {
			t.Fatalf("row %d is %v", i, token)
		}
	}
	if _, err := s.Find(t.Context(), oauth.Token{UserName: fmt.Sprint("user", saved)}); err == nil {
		t.Error("a user of the batch that was refused is there")
	}
}

// A server that is killed while batches are written has, when it is back, each
// batch as a whole or nothing of it; and all those that were confirmed.
func TestKilledInBatch(t *testing.T) {
	server := servertest.StartRedis(t, "appendfsync always")
	s := at(t, server.URL(), Config{})
	const size = 500
	confirmed := make(chan int, 1000)
	failed := make(chan error)
	go func() {
		for n := 0; ; n++ {
			if err := s.SaveAll(context.Background(), slices.Values(users(n*size, (n+1)*size))); err != nil {
				failed <- err
				return
			}
			confirmed <- n
		}
	}()
	<-confirmed
	<-confirmed
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	tells(t, "SaveAll", <-failed, "cannot be reached")
	last := 1
	for len(confirmed) > 0 {
		last = <-confirmed
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	fresh := at(t, server.URL(), Config{})
	counts := map[int]int{}
	for token, err := range fresh.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		var i int
		if _, err := fmt.Sscanf(token.UserName, "user%d", &i); err != nil || token.RefreshToken != secret("r"+token.UserName) {
			t.Fatalf("row %v, %v", token, err)
		}
		counts[i/size]++
	}
	for n := range last + 1 {
		if counts[n] != size {
			t.Errorf("batch %d was confirmed, and %d of %d are there", n, counts[n], size)
		}
	}
	for n, count := range counts {
		if count != size {
			t.Errorf("of batch %d there are %d", n, count)
		}
	}
}

// A batch on a replica, and one whose answer is lost.
func TestBatchRefusedByServer(t *testing.T) {
	s := at(t, servertest.StartRedis(t).URL(), Config{})
	if err := s.client.SlaveOf(t.Context(), "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	tells(t, "SaveAll", s.SaveAll(t.Context(), slices.Values(users(0, 3))), "replica")
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := s.SaveAll(late, slices.Values(users(0, 3))); err == nil {
		t.Error("a batch was saved after its deadline")
	}
}
