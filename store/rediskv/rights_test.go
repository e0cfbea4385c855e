package rediskv

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
)

// documented are the rules that a text of the documentation lists for a user of the
// prefix zohocrm.
func documented(t *testing.T, file, pattern string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	if found == nil {
		t.Fatalf("%s lists no rights", file)
	}
	var rules []string
	for _, word := range strings.Fields(strings.ReplaceAll(string(found[1]), "//", "")) {
		rules = append(rules, strings.ReplaceAll(word, "PREFIX", "zohocrm"))
	}
	return rules
}

func packageRights(t *testing.T) []string {
	return documented(t, "doc.go", `(?s)An ACL user needs ([^;]*);`)
}

// ruled makes a user with some rules and gives the URL of a database as it.
func ruled(t *testing.T, server *servertest.Server, database int, name string, rules []string) string {
	t.Helper()
	words := []any{"ACL", "SETUSER", name, "reset", "on", ">hush"}
	for _, rule := range rules {
		words = append(words, rule)
	}
	if err := client(t, server.URL()).Do(t.Context(), words...).Err(); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal("not a URL")
	}
	u.User, u.Path = url.UserPassword(name, "hush"), fmt.Sprint("/", database)
	return u.String()
}

// without is a list of rules that lacks some.
func without(rules []string, lacking ...string) []string {
	return slices.DeleteFunc(slices.Clone(rules), func(rule string) bool { return slices.Contains(lacking, rule) })
}

// The rights that the package comment lists are enough for all that a store does,
// in every database, and so are those of docs/stores.md.
func TestRights(t *testing.T) {
	server := servertest.StartRedis(t)
	for name, rules := range map[string][]string{
		"package": packageRights(t), "guide": documented(t, "../../docs/stores.md", "\\| redis \\| `([^`]*)`"),
	} {
		for database := range 2 {
			if database > 0 {
				rules = append(rules, "+select")
			}
			s := at(t, ruled(t, server, database, name, rules), Config{})
			alice := save(t, s, user("alice"))
			errs := writes(s, alice.ID)
			errs["SaveAll"] = s.SaveAll(t.Context(), slices.Values([]oauth.Token{user("carol"), user("dave")}))
			_, errs["List"] = oauth.All(t.Context(), s)
			_, errs["Find"] = s.Find(t.Context(), oauth.Token{UserName: "carol"})
			_, errs["Now"] = s.Now(t.Context())
			lease, err := s.Acquire(t.Context(), oauth.Claim{Key: alice.RefreshToken.Hash(), Owner: "one", For: time.Minute})
			errs["Acquire"], errs["Settle"] = err, s.Settle(t.Context(), lease, oauth.Outcome{})
			_, errs["Standings"] = s.Standings(t.Context(), lease.Key)
			for method, err := range errs {
				if err != nil && !errors.Is(err, oauth.ErrNotFound) && !errors.Is(err, oauth.ErrIncompleteKey) {
					t.Errorf("%s, database %d: %s: %v", name, database, method, err)
				}
			}
			for _, code := range codes(t, s) {
				if strings.HasSuffix(code, "/failure") {
					t.Errorf("%s, database %d: %s", name, database, code)
				}
			}
		}
	}
}

// Each of the rights that the package comment lists is needed: without it the
// check names it and no other, and tells the line that mends it. Nothing is left
// behind.
func TestRightsLacking(t *testing.T) {
	server := servertest.StartRedis(t, "appendfsync always")
	owner := at(t, server.URL(), Config{})
	save(t, owner, user("carol"))
	before := dump(t, owner)
	all := append(packageRights(t), "+select", "+info", "+config|get")
	for _, lacking := range append([][]string{
		{"+hset", "+zrange"}, {"+del", "+hdel", "+zrem", "+unlink", "+hset", "+zadd"}, {"+eval", "+evalsha"}, {"+evalsha", "+del"},
	}, eachOf(packageRights(t))...) {
		t.Run(strings.Join(lacking, ""), func(t *testing.T) {
			url := ruled(t, server, 0, "app", without(all, lacking...))
			checkNames(t, at(t, url, Config{}), lacking)
			if !slices.Equal(dump(t, owner), before) {
				t.Fatal("Inspect has changed something")
			}
			mend(t, server, url)
		})
	}
	// Without the right to write, Probe says so, and leaves nothing.
	for _, lacking := range []string{"+evalsha", "+hset", "+hdel", "+zadd", "+zrem", "+del"} {
		s := at(t, ruled(t, server, 0, "app", without(all, lacking)), Config{})
		tells(t, "Probe without "+lacking, s.Probe(t.Context()), "lacks a right", "zcrm store check")
		if !slices.Equal(dump(t, owner), before) {
			t.Errorf("Probe without %s left something", lacking)
		}
	}
}

// In a database other than 0 a client begins with SELECT: without that right
// nothing else can be asked, and nothing else is said to be lacking.
func TestRightToSelect(t *testing.T) {
	server := servertest.StartRedis(t, "appendfsync always")
	url := ruled(t, server, 1, "app", append(packageRights(t), "+info", "+config|get"))
	s := at(t, url, Config{})
	_, err := s.Get(t.Context(), "1")
	tells(t, "Get", err, "lacks a right, +select", "zcrm store check")
	if got := codes(t, s); !slices.Equal(got, []string{"missing-rights/failure"}) {
		t.Errorf("the check finds %v", got)
	}
	checkNames(t, s, []string{"+select"})
	mend(t, server, url)
}

// checkNames wants the rights that lack to be named, and no others.
func checkNames(t *testing.T, s *Store, lacking []string) {
	t.Helper()
	got, err := s.lackingRights(t.Context())
	if err != nil || !slices.Equal(sorted(got), sorted(lacking)) {
		t.Errorf("it names %v, %v; want %v", got, err, lacking)
	}
}

func sorted(all []string) []string { return slices.Sorted(slices.Values(all)) }

// mend does what the check of a user says, and wants no failure to be left.
func mend(t *testing.T, server *servertest.Server, url string) {
	t.Helper()
	found, err := at(t, url, Config{}).Inspect(t.Context())
	if err != nil || len(found) == 0 || found[0].Code != "missing-rights" {
		t.Fatalf("%v, %v", found, err)
	}
	var words []any
	for _, word := range strings.Fields(found[0].Remedy) {
		words = append(words, word)
	}
	if err := client(t, server.URL()).Do(t.Context(), words...).Err(); err != nil {
		t.Fatalf("%s: %v", found[0].Remedy, err)
	}
	if got := codes(t, at(t, url, Config{})); len(got) > 0 {
		t.Errorf("after %s: %v", found[0].Remedy, got)
	}
}

// eachOf is a list of each alone.
func eachOf(all []string) (lists [][]string) {
	for _, one := range all {
		lists = append(lists, []string{one})
	}
	return lists
}
