package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The program serves until it is told to end.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	says, out := io.Pipe()
	ended := make(chan error)
	go func() {
		ended <- run(ctx, []string{"-sim", "-log-level", "error"}, redirectTo("http://localhost:28765/callback"), out, io.Discard)
		out.Close()
	}()
	var first string
	fmt.Fscanf(says, "Open %s in", &first)
	go io.Copy(io.Discard, says)
	resp, err := http.Get(first)
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	fmt.Println(resp.Status, err)
	fmt.Println(regexp.MustCompile(`<h1>.*</h1>`).FindString(string(page)))
	stop()
	fmt.Println(<-ended)
	// Output:
	// 200 OK <nil>
	// <h1>Your leads, signed in with Zoho</h1>
	// <nil>
}

func redirectTo(url string) func(string) string {
	return func(name string) string {
		if name == "ZCRM_REDIRECT_URL" {
			return url
		}
		return ""
	}
}

// A request that is being answered when the program is told to end is answered.
func TestEndsGracefully(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	port := freePort(t)
	var errs bytes.Buffer
	says, out := io.Pipe()
	ended := make(chan error, 1)
	folder := t.TempDir()
	go func() {
		ended <- run(ctx, []string{"-sim", "-store", "sqlite:" + filepath.Join(folder, "t.db")}, redirectTo("http://localhost:"+port+"/callback"), out, &errs)
		out.Close()
	}()
	var first string
	if _, err := fmt.Fscanf(says, "Open %s in", &first); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, says)
	stop()
	select {
	case err := <-ended:
		if err != nil || errs.Len() > 0 {
			t.Errorf("%v, %s", err, &errs)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
	}
	if info, err := os.Stat(filepath.Join(folder, "t.db")); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the store: %v, %v", info, err)
	}
}

func TestConfig(t *testing.T) {
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, t.TempDir())
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	file := "sqlite:" + filepath.Join(folder, "zohocrm-webapp", "tokens.db")
	type env map[string]string
	full := env{"ZCRM_CLIENT_ID": "1000.X", "ZCRM_CLIENT_SECRET": "planted"}
	with := func(pairs ...string) env {
		e := env{}
		for k, v := range full {
			e[k] = v
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			e[pairs[i]] = pairs[i+1]
		}
		return e
	}
	for name, c := range map[string]struct {
		args []string
		env  env
		want string // listen, data centre and store, or the error
	}{
		"nothing":              {nil, env{}, "ZCRM_CLIENT_ID and ZCRM_CLIENT_SECRET are missing"},
		"defaults":             {nil, full, "localhost:8765 us " + file},
		"data centre, store":   {nil, with("ZCRM_DC", "eu", "ZCRM_STORE", "csv:t.csv"), "localhost:8765 eu csv:t.csv"},
		"flag over variable":   {[]string{"-store", "memory:"}, with("ZCRM_STORE", "csv:t.csv"), "localhost:8765 us memory:"},
		"unknown data centre":  {nil, with("ZCRM_DC", "mars"), `no data centre "mars"`},
		"unknown argument":     {[]string{"sim"}, full, "unknown argument"},
		"no URL":               {nil, with("ZCRM_REDIRECT_URL", "localhost"), "is not a URL"},
		"behind a proxy":       {nil, with("ZCRM_REDIRECT_URL", "https://a.example/cb"), "-listen is missing"},
		"behind a proxy, told": {[]string{"-listen", "127.0.0.1:9"}, with("ZCRM_REDIRECT_URL", "https://a.example/cb"), "127.0.0.1:9 us " + file},
		"IPv6":                 {nil, with("ZCRM_REDIRECT_URL", "http://[::1]:8080/cb"), "[::1]:8080 us " + file},
		"simulator":            {[]string{"-sim"}, env{}, "localhost:8765  memory:"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := readConfig(c.args, func(name string) string { return c.env[name] }, io.Discard)
			got := fmt.Sprintf("%s %s %s", cfg.listen, cfg.home.Location, cfg.storeURL)
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, c.want) || err == nil && got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
