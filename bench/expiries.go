package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
)

// expiriesEach is how often the token expires in each kind of store.
const expiriesEach = 200

// expiries measure how many tokens are made beyond one for each time that a token
// expires.
func expiries(ctx context.Context, k *kit) (sheet, error) {
	program, err := k.zcrm(ctx)
	if err != nil {
		return sheet{}, err
	}
	return sheet{counts: []count{{
		name: "mints beyond one for each of 1,000 expiries", how: "zcrm storm, 4 processes of 4 callers; 200 expiries in each of CSV, SQLite, MySQL, PostgreSQL, Redis",
		target: "0 mints, 0 errors", exact: true,
		measure: func(ctx context.Context) (string, bool, error) {
			var all stormed
			for _, in := range kinds() {
				at, err := k.place(ctx, in)
				if err != nil {
					return "", false, err
				}
				one, err := storm(ctx, program, at)
				if err != nil {
					return "", false, fmt.Errorf("%s: %w", in, err)
				}
				all.Extra, all.Lost, all.Errors = all.Extra+one.Extra, all.Lost+one.Lost, append(all.Errors, one.Errors...)
			}
			return fmt.Sprintf("%d mints, %d errors, %d tokens lost", all.Extra, len(all.Errors), all.Lost),
				all.Extra == 0 && all.Lost == 0 && len(all.Errors) == 0, nil
		},
	}}}, nil
}

// stormed is what zcrm storm tells.
type stormed struct {
	Expiries int
	Extra    int `json:"extra_mints"`
	Errors   []string
	Lost     int `json:"lost_tokens"`
}

func storm(ctx context.Context, program, storeURL string) (told stormed, err error) {
	cmd := exec.CommandContext(ctx, program, "storm", "--store", storeURL, "--expiries", fmt.Sprint(expiriesEach),
		"--processes", "4", "--goroutines", "4", "--lease", "20s", "--json")
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	failed := cmd.Run() // also when a token was made or lost that should not have been
	if err := json.Unmarshal(out.Bytes(), &told); err != nil || told.Expiries != expiriesEach {
		return told, fmt.Errorf("zcrm storm: %v: %s", failed, bytes.TrimSpace(trouble.Bytes()))
	}
	return told, nil
}
