package main

import (
	"context"
	"fmt"
	"path/filepath"

	"zohocrm/store/open"
)

// many is the number of tokens in measurements of throughput.
const many = 100_000

// copies measure the command that moves tokens from one store to another.
func copies(ctx context.Context, k *kit) (sheet, error) {
	z, err := k.command(ctx)
	if err != nil {
		return sheet{}, err
	}
	c := &copying{zcrm: z, from: filepath.Join(z.dir, "sdk_tokens.txt")}
	if err := writeCSV(c.from, many); err != nil {
		return sheet{}, err
	}
	const how = "zcrm store copy of 100,000 from CSV to SQLite, read back"
	return sheet{counts: []count{
		{name: "tokens copied in a second", how: how, target: "at least 20,000", measure: c.rate},
		{name: "most memory while copying", how: how, target: "below 150 MB", measure: c.memory},
	}}, nil
}

// copying is a file that is copied into new databases.
type copying struct {
	zcrm command
	from string
	runs int
	last ran
}

func (c *copying) rate(ctx context.Context) (string, bool, error) {
	err := c.run(ctx)
	perSecond := many / c.last.took.Seconds()
	return fmt.Sprintf("%.0f", perSecond), perSecond >= 20_000, err
}

// memory is that of the last run that was made for the rate.
func (c *copying) memory(context.Context) (string, bool, error) {
	return c.last.memory(), c.last.peak < 150e6, nil
}

// run copies once. The whole life of the process counts.
func (c *copying) run(ctx context.Context) (err error) {
	c.runs++
	to := filepath.Join(c.zcrm.dir, fmt.Sprintf("copy%d.db", c.runs))
	var told struct {
		Complete bool
		Inserted int
	}
	c.last, err = c.zcrm.run(ctx, &told, "store", "copy", "--from", "csv:"+c.from, "--to", "sqlite:"+to, "--json")
	if err != nil {
		return err
	}
	if !told.Complete || told.Inserted != many {
		return fmt.Errorf("zcrm store copy told %+v", told)
	}
	return c.looked(ctx, to)
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
