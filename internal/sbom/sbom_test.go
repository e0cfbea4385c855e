package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	info := &buildinfo.BuildInfo{
		GoVersion: "go1.26.1", Path: "zohocrm/cmd/zcrm", Main: debug.Module{Path: "zohocrm", Version: "v1.2.3"},
		Deps: []*debug.Module{
			{Path: "example.com/b", Version: "v2.0.0+incompatible", Sum: "h1:b="},
			{Path: "example.com/a", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.0.1"}},
		},
		Settings: []debug.BuildSetting{{Key: "GOOS", Value: "linux"}, {Key: "-ldflags", Value: "-X secret"}},
	}
	doc := describe(info)
	var refs []string
	for _, c := range doc.Components {
		refs = append(refs, c.PURL)
	}
	want := "pkg:golang/example.com/b@v2.0.0+incompatible pkg:golang/example.com/fork@v1.0.1 pkg:golang/std@1.26.1"
	if got := strings.Join(refs, " "); got != want {
		t.Errorf("components %s, want %s", got, want)
	}
	if got := strings.Join(doc.Dependencies[0].DependsOn, " "); got != want || doc.Dependencies[0].Ref != doc.Metadata.Component.Ref {
		t.Errorf("dependencies %v", doc.Dependencies)
	}
	if c := doc.Metadata.Component; c.Name != "zohocrm/cmd/zcrm" || c.Version != "v1.2.3" || c.Type != "application" {
		t.Errorf("program %+v", c)
	}
	if p := doc.Metadata.Properties; len(p) != 1 || p[0].Name != "go:build:GOOS" {
		t.Errorf("properties %v: flags may hold anything", p)
	}
	if doc.Components[0].Properties[0].Value != "h1:b=" {
		t.Errorf("checksum %v", doc.Components[0].Properties)
	}
}

// A real program: this test.
func TestRun(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var one, other bytes.Buffer
	if err := run([]string{self}, &one); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{self}, &other); err != nil || one.String() != other.String() {
		t.Errorf("the same program is described in two ways; %v", err)
	}
	var doc document
	if err := json.Unmarshal(one.Bytes(), &doc); err != nil || doc.Format != "CycloneDX" || len(doc.Components) == 0 {
		t.Errorf("%+v, %v", doc, err)
	}
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"a", "b"}, {text}, {text + ".missing"}} {
		if err := run(args, &one); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
