package sealed_test

import (
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/sealed"
)

// TestQuicker: somebody else, with the same keys, writes between the reading and the
// writing of a Save. Every such Save ends as if it had come second.
func TestQuicker(t *testing.T) {
	secret := oauth.NewSecret
	login := oauth.Token{ClientID: "1000.C", ClientSecret: secret("cs"), RefreshToken: secret("r.login"), AccessToken: secret("a.login")}
	named := func(t oauth.Token) oauth.Token { t.UserName = "alice"; return t }
	for _, c := range []struct {
		name   string
		before []oauth.Token // stand already
		other  oauth.Token   // is saved by somebody else
		save   oauth.Token   // ours; "login" for an ID stands for the first row's
		want   oauth.Token
	}{
		{
			name:  "a new user",
			other: oauth.Token{UserName: "alice", ClientID: "1000.C", ClientSecret: secret("cs"), RefreshToken: secret("r"), GrantToken: secret("g")},
			save:  oauth.Token{UserName: "alice", AccessToken: secret("a")},
			want:  oauth.Token{UserName: "alice", ClientID: "1000.C", ClientSecret: secret("cs"), RefreshToken: secret("r"), GrantToken: secret("g"), AccessToken: secret("a")},
		}, {
			name:  "a nameless login",
			other: oauth.Token{UserName: "alice", RefreshToken: secret("r"), GrantToken: secret("g")},
			save:  oauth.Token{RefreshToken: secret("r"), AccessToken: secret("a")},
			want:  oauth.Token{UserName: "alice", RefreshToken: secret("r"), GrantToken: secret("g"), AccessToken: secret("a")},
		}, {
			name:   "an update",
			before: []oauth.Token{{UserName: "alice", RefreshToken: secret("r")}},
			other:  oauth.Token{UserName: "alice", GrantToken: secret("g"), ClientSecret: secret("cs")},
			save:   oauth.Token{UserName: "alice", AccessToken: secret("a")},
			want:   oauth.Token{UserName: "alice", RefreshToken: secret("r"), GrantToken: secret("g"), ClientSecret: secret("cs"), AccessToken: secret("a")},
		}, {
			name:   "a name for which there is a row now",
			before: []oauth.Token{login},
			other:  oauth.Token{UserName: "alice", ClientID: "1000.C", RefreshToken: secret("r"), GrantToken: secret("g")},
			save:   oauth.Token{ID: "login", UserName: "alice"},
			want:   func() oauth.Token { t := named(login); t.GrantToken = secret("g"); return t }(),
		}, {
			name:   "a name whose row changes",
			before: []oauth.Token{login, {UserName: "alice", ClientID: "1000.C", RefreshToken: secret("r")}},
			other:  oauth.Token{UserName: "alice", ClientID: "1000.C", GrantToken: secret("g")},
			save:   oauth.Token{ID: "login", UserName: "alice"},
			want:   func() oauth.Token { t := named(login); t.GrantToken = secret("g"); return t }(),
		},
	} {
		for _, way := range []string{"Save", "SaveAll", "unbatched"} {
			t.Run(c.name+"/"+way, func(t *testing.T) {
				r := newRig(t)
				set := temporary(t)
				other := seal(t, r.inner, sealed.Config{Keys: set})
				b := &between{Store: r.inner, n: 1, happy: func() { r.save(other, c.other) }}
				var inner oauth.Store = b
				if way == "unbatched" {
					inner = bare{b}
				}
				ours := seal(t, inner, sealed.Config{Keys: set})
				save := c.save
				for i, row := range c.before {
					if saved := r.save(other, row); i == 0 && save.ID == "login" {
						save.ID = saved.ID
					}
				}
				if way == "SaveAll" {
					if err := ours.SaveAll(r.ctx, slices.Values([]oauth.Token{save})); err != nil {
						t.Fatal(err)
					}
				} else {
					r.same(r.save(ours, save), c.want)
				}
				all, err := oauth.All(r.ctx, ours)
				if err != nil || len(all) != 1 {
					t.Fatalf("%v, %v; want one row", all, err)
				}
				r.same(all[0], c.want)
			})
		}
	}
}

// TestPlainQuicker: a program without the keys makes a plain row between the reading
// and the writing of a Save.
func TestPlainQuicker(t *testing.T) {
	for _, domain := range []string{"", "https://www.zohoapis.com"} {
		r := newRig(t)
		inner := &between{Store: r.inner, n: 1, happy: func() {
			r.save(r.inner, oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("r"), GrantToken: oauth.NewSecret("g"), APIDomain: domain})
		}}
		s := seal(t, inner, sealed.Config{Keys: r.set})
		saved := r.save(s, oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("a"), APIDomain: domain})
		want := oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("r"), GrantToken: oauth.NewSecret("g"), AccessToken: oauth.NewSecret("a"), APIDomain: domain}
		r.same(saved, want)
		r.same(r.find(s, oauth.Token{UserName: "alice"}), want)
		if row := r.find(r.inner, oauth.Token{UserName: "alice"}); !strings.HasPrefix(row.GrantToken.Reveal(), "sealed1.") {
			t.Error("the plain cell stayed plain")
		}
	}
}

// TestEndless: an inner store that refuses for ever is not asked for ever.
func TestEndless(t *testing.T) {
	for _, refusal := range []error{oauth.ErrConflict, oauth.ErrMismatch} {
		s := seal(t, refusing{memory.New(memory.Config{}), refusal}, sealed.Config{})
		_, err := s.Save(t.Context(), user("alice"))
		(&rig{TB: t}).fails(err, refusal)
	}
}
