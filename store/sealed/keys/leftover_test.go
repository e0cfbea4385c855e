package keys_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"zohocrm/store/sealed/keys"
)

// childFile is the environment variable by which a copy of the test binary knows
// that it is a child of a test, and which file it is to change until it is killed.
const childFile = "KEYS_CHILD"

// child changes a file for ever, and prints a line for each change.
func child(file string) {
	for refuse := true; ; refuse = !refuse {
		if err := keys.RefusePlain(context.Background(), file, refuse, keys.Config{}); err != nil {
			fmt.Println("error:", err)
			return
		}
		fmt.Println("changed")
	}
}

// beside is all that is in the folder of a file, in order.
func beside(t testing.TB, file string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range all {
		names = append(names, entry.Name())
	}
	return names
}

// killedWithin starts a program that changes the file, and kills it after its first
// change, until one was killed in the middle of one. It answers what that left.
func killedWithin(t testing.TB, file string) (left string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), childFile+"="+file)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if lines := bufio.NewScanner(out); !lines.Scan() || lines.Text() != "changed" {
			t.Fatalf("the child said %q", lines.Text())
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		for _, name := range beside(t, file) {
			if name == filepath.Base(file) || name == filepath.Base(file)+".lock" {
				continue
			}
			left := filepath.Join(filepath.Dir(file), name)
			if text, err := os.ReadFile(left); err == nil && bytes.Contains(text, []byte("AesSiv")) {
				return left
			}
		}
	}
	t.Fatal("no child was killed in the middle of a change")
	return ""
}

// TestKilledWithinAChange: what a program that is killed leaves beside the file is
// keys in the clear; the next change removes it.
func TestKilledWithinAChange(t *testing.T) {
	file, id := created(t, keys.Config{})
	clean := []string{"zcrm.keys", "zcrm.keys.lock"}
	for range 2 {
		left := killedWithin(t, file)
		if got := ids(t, file); !slices.Equal(got, []keys.ID{id}) {
			t.Fatalf("killed, it left the keys %v", got)
		}
		if err := keys.RefusePlain(t.Context(), file, false, keys.Config{}); err != nil {
			t.Fatal(err)
		}
		if got := beside(t, file); !slices.Equal(got, clean) {
			t.Errorf("it left %s, and after the next change there are %q", left, got)
		}
	}
}

// TestOthersFilesStay: what a change did not make is not removed, and nothing is
// while the file itself cannot be read.
func TestOthersFilesStay(t *testing.T) {
	file, _ := created(t, keys.Config{})
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	plant := func(name string) string {
		t.Helper()
		path := filepath.Join(filepath.Dir(file), name)
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, name := range []string{".zcrm.keys", ".zcrm.keys.20310304", ".zcrm.keys.new-", ".zcrm.keys.new-1a", ".zcrm.keys.new-1.new-2", "zcrm.keys.new-1", ".other.keys.new-1", ".zcrm.keys-new-1"} {
		plant(name)
	}
	if err := os.Mkdir(filepath.Join(filepath.Dir(file), ".zcrm.keys.new-2"), 0o700); err != nil {
		t.Fatal(err)
	}
	plantOthers(t, plant)
	want := beside(t, file)
	left := plant(".zcrm.keys.new-123")
	if err := os.WriteFile(file, good[:len(good)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = keys.Rotate(t.Context(), file, keys.Config{})
	refused(t, err, "it is not a document that")
	if _, err := os.Stat(left); err != nil {
		t.Errorf("the file is damaged, and what a change left is gone: %v", err)
	}
	if err := os.WriteFile(file, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Rotate(t.Context(), file, keys.Config{}); err != nil {
		t.Fatal(err)
	}
	got := slices.DeleteFunc(beside(t, file), func(name string) bool { return name == "zcrm.keys.lock" })
	if !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
}
