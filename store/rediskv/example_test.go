package rediskv_test

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"zohocrm/oauth"
	"zohocrm/store/rediskv"
)

func Example() {
	ctx := context.Background()
	options, err := rediskv.Options("rediss://zcrm:secret@redis.example.com/0")
	if err != nil {
		fmt.Println(err)
		return
	}
	client := redis.NewClient(options)
	defer client.Close()
	store, err := rediskv.New(ctx, client, rediskv.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := store.Find(ctx, oauth.Token{UserName: "alice@example.com:10001"})
	fmt.Println(token, err)
}

func ExampleOptions() {
	options, err := rediskv.Options("rediss://zcrm:secret@redis.example.com/2")
	fmt.Println(options.Addr, options.DB, options.TLSConfig.ServerName, err)
	_, err = rediskv.Options("redis://:se/cret@redis.example.com")
	fmt.Println(err != nil)
	// Output:
	// redis.example.com:6379 2 redis.example.com <nil>
	// true
}
