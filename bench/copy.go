package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"zohocrm/store/open"
)

// many is the number of tokens in measurements of throughput.
const many = 100_000

// copies measure the command that moves tokens from one store to another.
func copies(ctx context.Context, k *kit) (sheet, error) {
	program, err := k.zcrm(ctx)
	if err != nil {
		return sheet{}, err
	}
	dir, err := k.folder()
	if err != nil {
		return sheet{}, err
	}
	c := &copying{program: program, dir: dir, from: filepath.Join(dir, "sdk_tokens.txt")}
	if err := writeCSV(c.from, many); err != nil {
		return sheet{}, err
	}
	const how = "zcrm store copy of 100,000 from CSV to SQLite, read back"
	return sheet{counts: []count{
		{name: "tokens copied in a second", how: how, target: "at least 20,000", long: true, measure: c.rate},
		{name: "most memory while copying", how: how, target: "below 150 MB", long: true, measure: c.memory},
	}}, nil
}

// copying is a file that is copied into new databases.
type copying struct {
	program, dir, from string
	peak               int64 // bytes; 0: not known
}

func (c *copying) rate(ctx context.Context) (string, bool, error) {
	took, err := c.run(ctx)
	perSecond := many / took.Seconds()
	return fmt.Sprintf("%.0f", perSecond), perSecond >= 20_000, err
}

// memory is that of the run that was made for the rate.
func (c *copying) memory(context.Context) (string, bool, error) {
	if c.peak == 0 {
		return "not known on this system", true, nil
	}
	return fmt.Sprintf("%d MB", c.peak/1e6), c.peak < 150e6, nil
}

// run copies once. The whole life of the process counts.
//
// A process's greatest memory is never told as less than that of the process that
// started it, so the copy is the first thing that is measured, while this one is
// small.
func (c *copying) run(ctx context.Context) (time.Duration, error) {
	to := filepath.Join(c.dir, "copy.db")
	cmd := exec.CommandContext(ctx, c.program, "store", "copy", "--from", "csv:"+c.from, "--to", "sqlite:"+to, "--json")
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+c.dir)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	if err != nil {
		return 0, fmt.Errorf("zcrm store copy: %w: %s", err, bytes.TrimSpace(trouble.Bytes()))
	}
	c.peak = peakMemory(cmd.ProcessState)
	var told struct {
		Complete bool
		Inserted int
	}
	if err := json.Unmarshal(out.Bytes(), &told); err != nil || !told.Complete || told.Inserted != many {
		return 0, fmt.Errorf("zcrm store copy told %+v, %v", told, err)
	}
	return took, c.looked(ctx, to)
}

// looked sees that the copy holds what was asked for.
func (c *copying) looked(ctx context.Context, path string) error {
	s, err := open.URL(ctx, "sqlite:"+path, open.Config{})
	if err != nil {
		return err
	}
	defer s.Close()
	want := token(many - 1)
	got, err := s.Find(ctx, want)
	if err == nil && (got.RefreshToken != want.RefreshToken || got.AccessToken != want.AccessToken) {
		err = fmt.Errorf("the copy of %q is another token", want.UserName)
	}
	return err
}
