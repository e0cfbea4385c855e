package main

import (
	"context"
	"fmt"
	"path/filepath"
)

// resealing measures how quickly the command seals a store anew after a rotation of
// keys.
func resealing(ctx context.Context, k *kit) (sheet, error) {
	z, err := k.command(ctx)
	if err != nil {
		return sheet{}, err
	}
	from, store, keys := filepath.Join(z.dir, "sdk_tokens.txt"), "sqlite:"+filepath.Join(z.dir, "tokens.db"), filepath.Join(z.dir, "keys.json")
	if err := writeCSV(from, many); err != nil {
		return sheet{}, err
	}
	for _, args := range [][]string{
		{"store", "copy", "--from", "csv:" + from, "--to", store},
		{"keys", "create", "--out", keys},
		{"store", "seal", "--yes", "--store", store, "--keys", keys},
	} {
		if _, err := z.run(ctx, nil, args...); err != nil {
			return sheet{}, err
		}
	}
	return sheet{counts: []count{{
		name: "tokens sealed anew in a second", how: "zcrm store seal of 100,000 in SQLite, after zcrm keys rotate", target: "at least 10,000",
		measure: func(ctx context.Context) (string, bool, error) {
			if _, err := z.run(ctx, nil, "keys", "rotate", "--keys", keys); err != nil {
				return "", false, err
			}
			var told struct{ Changed int }
			ran, err := z.run(ctx, &told, "store", "seal", "--yes", "--store", store, "--keys", keys, "--json")
			if err == nil && told.Changed != many {
				err = fmt.Errorf("zcrm store seal told %+v", told)
			}
			perSecond := many / ran.took.Seconds()
			return fmt.Sprintf("%.0f, in %s", perSecond, ran.memory()), perSecond >= 10_000, err
		},
	}}}, nil
}
