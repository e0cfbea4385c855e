package storetest_test

import (
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/storetest"
)

// TestStore is all that a test file needs.
func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Backend{
		Open: func(testing.TB) oauth.Store { return memory.New(memory.Config{}) },
	})
}

// In a test file, with memory in the place of your store:
func ExampleRun() {
	_ = func(t *testing.T) { // TestStore
		storetest.Run(t, storetest.Backend{
			Open: func(testing.TB) oauth.Store { return memory.New(memory.Config{}) },
		})
	}
}
