package keys_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"

	"zohocrm/store/sealed/keys"
)

// The life of a key file, as `zcrm keys` goes through it.
func Example() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "zcrm.keys")
	first, err := keys.Create(ctx, file, keys.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := keys.Rotate(ctx, file, keys.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	all, err := keys.List(ctx, file, keys.Config{})
	fmt.Println(len(all), all[0].ID == second, all[0].Primary, all[1].ID == first, err)
	err = keys.Retire(ctx, file, keys.Retirement{ID: first, Force: true}, keys.Config{})
	fmt.Println(err)
	all, err = keys.Check(ctx, file, keys.Config{})
	fmt.Println(len(all), err)

	// The same in a variable, for a container that has no file of its own.
	text, err := os.ReadFile(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	variable := base64.StdEncoding.EncodeToString(text) // base64 < zcrm.keys
	set, err := keys.Open(ctx, "env:APP_KEYS", keys.Config{LookupEnv: func(string) (string, bool) { return variable, true }})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set, set.Ring().Primary().ID() == second)
	// Output:
	// 2 true true true <nil>
	// <nil>
	// 1 <nil>
	// variable APP_KEYS true
}
