package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// csvRows measures the CSV store with a file as an official SDK would have left it.
func csvRows(ctx context.Context, k *kit) (sheet, error) {
	dir, err := k.folder()
	if err != nil {
		return sheet{}, err
	}
	path := filepath.Join(dir, "sdk_tokens.txt")
	if err := writeCSV(path, tokens); err != nil {
		return sheet{}, err
	}
	old := time.Now().Add(-time.Minute) // one that was written just now is looked at more closely
	if err := os.Chtimes(path, old, old); err != nil {
		return sheet{}, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return sheet{}, err
	}
	store, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		return sheet{}, err
	}
	other, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		return sheet{}, err
	}
	stat := each(func() error {
		_, err := os.Stat(path)
		return err
	})
	limit := each(func() error { return replace(filepath.Join(dir, "same-bytes"), data) })
	const replacing = "write, sync, rename, sync folder of the same bytes"
	return sheet{rows: []row{
		{name: "CSV Find among 10,000", other: "os.Stat of the file", ours: finding(ctx, store), theirs: stat, atMost: 5},
		{name: "CSV Save among 10,000", other: replacing, ours: saving(ctx, store), theirs: limit, atMost: 2},
		{name: "CSV Save among 10,000 after another process's save", other: replacing, ours: savingAfter(ctx, other, store), theirs: limit, atMost: 5},
	}}, nil
}

// savingAfter is a Save after another one has saved, whose time does not count.
func savingAfter(ctx context.Context, other, store oauth.Store) side {
	before, ours := saving(ctx, other), saving(ctx, store)
	return func(n int) (time.Duration, error) {
		var all time.Duration
		for range n {
			if _, err := before(1); err != nil {
				return 0, err
			}
			took, err := ours(1)
			if err != nil {
				return 0, err
			}
			all += took
		}
		return all, nil
	}
}

// writeCSV writes a file of n users as an official SDK does.
func writeCSV(path string, n int) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, strings.Join(oauth.Columns(), ","))
	i := 0
	for t := range crowd(n) {
		i++
		r := t.Row()
		r.ID = fmt.Sprint(i)
		v := r.Values()
		fmt.Fprintln(w, strings.Join(v[:], ","))
	}
	return w.Flush()
}

// replace is what a durable replacement of a file costs at the least.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".bench-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
