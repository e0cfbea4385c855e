package csvfile_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// childTask is the environment variable by which a copy of the test binary knows
// that it is a child of a test, and what it is to do: a task and the file.
const childTask = "CSVFILE_CHILD"

func TestMain(m *testing.M) {
	task, path, ok := strings.Cut(os.Getenv(childTask), " ")
	if !ok {
		os.Exit(m.Run())
	}
	s, err := csvfile.New(csvfile.Config{Path: path})
	if err == nil {
		err = child(s, task)
	}
	if err != nil {
		fmt.Println("error:", err)
	}
}

// child carries out a task, and prints a line for each step that is done.
func child(s *csvfile.Store, task string) error {
	ctx, number := contextOfChild(), fmt.Sprint(os.Getpid())
	save := func(user string) error {
		_, err := s.Save(ctx, oauth.Token{UserName: user, RefreshToken: oauth.NewSecret("r." + user), RedirectURL: strings.Repeat("x", 200)})
		if err == nil {
			fmt.Println(user)
		}
		return err
	}
	switch task {
	case "save":
		return save("child")
	case "find":
		t, err := s.Find(ctx, oauth.Token{ID: "1"})
		fmt.Println(t.UserName)
		return err
	case "probe":
		return s.Probe(ctx)
	case "inspect":
		found, err := s.Inspect(ctx)
		for _, f := range found {
			fmt.Println(f.Severity, f.Code, f.Text)
		}
		return err
	case "full":
		if err := limitFiles(3000); err != nil {
			return err
		}
		return save("child")
	case "lease":
		return leaseChild(ctx, s, number)
	case "standing":
		known, err := s.Standings(ctx, credential)
		fmt.Println(len(known), "known")
		return err
	case "twenty":
		for i := range 20 {
			if err := save(fmt.Sprint(number, ".", i)); err != nil {
				return err
			}
		}
		return nil
	}
	for i := 0; ; i++ { // until killed
		if err := save(fmt.Sprint(number, ".", i)); err != nil {
			return err
		}
	}
}

// startChild starts a child and gives its output.
func startChild(t testing.TB, binary, task, path string, change ...func(*exec.Cmd)) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = append(os.Environ(), childTask+"="+task+" "+path, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	for _, c := range change {
		c(cmd)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// runChild is what a child printed before it ended.
func runChild(t testing.TB, binary, task, path string, change ...func(*exec.Cmd)) string {
	t.Helper()
	cmd, lines := startChild(t, binary, task, path, change...)
	var all []string
	for lines.Scan() {
		all = append(all, lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("child %q: %v", task, err)
	}
	return strings.Join(all, "\n")
}

func self(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
