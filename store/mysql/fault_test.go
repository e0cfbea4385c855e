package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/mysql"
)

// TestCommitWithoutAnswer: when the connection breaks at the COMMIT, a write says
// whether it happened. It looks, and where it cannot it says so.
func TestCommitWithoutAnswer(t *testing.T) {
	for _, c := range []struct {
		cut  string
		gone bool
		want string // of the error; "": none
		rows string
	}{
		{"before", false, "nothing was changed", "1"},
		{"after", false, "", "2"},
		{"before", true, "it is not known whether it happened", "1"},
		{"after", true, "it is not known whether it happened", "2"},
	} {
		t.Run(fmt.Sprint(c.cut, c.gone), func(t *testing.T) {
			url := servertest.MySQL(t)
			cfg := config(t, url)
			p := newProxy(t, fmt.Sprintf("%s:%d", cfg.Host, cfg.Port))
			direct := open(t, cfg)
			cfg.Port, cfg.TLS = p.port(), mysql.TLSOff
			s := open(t, cfg)
			save(t, s, user("alice"))
			p.arm(c.cut, c.gone)
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			saved, err := s.Save(ctx, user("bob"))
			if c.want == "" {
				if err != nil {
					t.Errorf("Save: %v; want it to see that it happened", err)
				}
				if got, err := direct.Find(context.Background(), oauth.Token{UserName: "bob"}); err != nil || got != saved {
					t.Errorf("there is %v, %v; want %v", got, err, saved)
				}
			} else {
				says(t, err, c.want)
			}
			// In the end the server knows, and says it when it has rolled back.
			db := rawDB(t, url, "")
			if n := value(t, db, "SELECT count(*) FROM oauthtoken"); n != c.rows {
				t.Errorf("%s rows, want %s", n, c.rows)
			}
			// The pool gets over it.
			if !c.gone {
				save(t, s, user("carol"))
			}
			save(t, direct, user("bob"))
		})
	}
}

// TestDeleteWithoutAnswer is the same for what goes.
func TestDeleteWithoutAnswer(t *testing.T) {
	url := servertest.MySQL(t)
	cfg := config(t, url)
	p := newProxy(t, fmt.Sprintf("%s:%d", cfg.Host, cfg.Port))
	cfg.Port, cfg.TLS = p.port(), mysql.TLSOff
	s := open(t, cfg)
	ctx := context.Background()
	for _, remove := range []func(id string) error{
		func(id string) error { return s.Delete(ctx, id, "") },
		func(string) error { return s.DeleteAll(ctx) },
	} {
		for _, cut := range []string{"before", "after"} {
			alice := save(t, s, user("alice"))
			p.arm(cut, false)
			err := remove(alice.ID)
			if cut == "after" && err != nil {
				t.Errorf("cut after the COMMIT: %v", err)
			}
			if cut == "before" {
				says(t, err, "nothing was changed")
			}
			_, err = s.Get(ctx, alice.ID)
			if gone := errors.Is(err, oauth.ErrNotFound); gone != (cut == "after") {
				t.Errorf("cut %s the COMMIT: Get: %v", cut, err)
			}
		}
	}
}

// TestServerDies in the middle of many saves, and comes back: what a Save promised is
// there, what failed says so, and the same store goes on.
func TestServerDies(t *testing.T) {
	ctx := context.Background()
	server := servertest.StartMariaDB(t)
	s := open(t, config(t, server.URL()))
	promised := make(map[string]oauth.Token)
	failed := make(chan error)
	started := make(chan struct{})
	go func() {
		for i := 0; ; i++ {
			name := fmt.Sprint("user ", i)
			saved, err := s.Save(ctx, user(name))
			if err != nil {
				failed <- err
				return
			}
			if promised[name] = saved; i == 20 {
				close(started)
			}
		}
	}()
	<-started
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	err := <-failed
	if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "nothing was changed") && !strings.Contains(err.Error(), "not known whether") {
		t.Errorf("Save while the server died: %v", err)
	}
	_, err = s.Find(ctx, oauth.Token{UserName: "user 1"})
	says(t, err, "connection refused")
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	for name, want := range promised {
		if got, err := s.Find(ctx, oauth.Token{UserName: name}); err != nil || got != want {
			t.Fatalf("Find(%s) after the restart: %v, %v; want %v", name, got, err, want)
		}
	}
	save(t, s, user("after"))
	t.Run("read-only", func(t *testing.T) { readOnlyServer(t, server) })
}

// readOnlyServer is a replica: it is read, and refuses every write.
func readOnlyServer(t *testing.T, server *servertest.Server) {
	ctx := context.Background()
	root := rawDB(t, server.URL(), "")
	run(t, root, "CREATE USER app@127.0.0.1 IDENTIFIED BY 'hunter2'")
	run(t, root, "GRANT ALL ON zohooauth.* TO app@127.0.0.1")
	run(t, root, "SET GLOBAL read_only = 1, GLOBAL sql_mode = ''")
	if found := inspect(t, open(t, config(t, server.URL()))); len(found["read-only"]) != 1 || len(found["sql-mode"]) != 1 {
		t.Errorf("of one who may write all the same: %v", found)
	}
	cfg := config(t, server.URL())
	cfg.User, cfg.Password = "app", oauth.NewSecret("hunter2")
	s := open(t, cfg)
	if _, err := s.Find(ctx, oauth.Token{UserName: "user 1"}); err != nil {
		t.Errorf("Find: %v", err)
	}
	_, err := s.Save(ctx, user("bob"))
	says(t, err, "can only be read", "name the primary server")
	says(t, s.Probe(ctx), "can only be read")
	if found := inspect(t, s); len(found["read-only"]) != 1 || !strings.Contains(found["read-only"][0].Text, "nothing can be saved") {
		t.Errorf("Inspect: %v", found)
	}
	cfg.Table = "others"
	_, err = mysql.Open(ctx, cfg)
	says(t, err, "name the primary server")
	run(t, root, "SET GLOBAL read_only = 0")
	save(t, s, user("bob"))
}
