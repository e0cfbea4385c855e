// Command model searches the refresh protocol of package oauth for a way to break
// its guarantees, and prints what it found as a table, which docs/refresh.md holds.
//
// The protocol is written down here once more, as the steps of a process: each is
// one use of the store or of Zoho that nothing can interrupt. The record of leases
// is not: [oauth.Standing.Acquire] and [oauth.Standing.Settle] are the functions
// that every store runs. From the state in which several processes are about to ask
// for the same token, the search goes through every order of their steps, and of
// deaths, leases that end too early, requests that fail, Saves that fail, and other
// programs, and checks in each state that the guarantees G1 to G7 hold. States in
// which the same can happen are looked at once.
//
// So that the search is known to find something, it is also made with rules that
// are wrong; each of them must break a guarantee, and the shortest way to it is
// told.
//
//	go run ./internal/model                      # three processes, in seconds
//	go run ./internal/model -n 4 -crashes 2      # in minutes
//	go run ./internal/model -markdown            # as docs/refresh.md has it
//
// The tests drive the Keeper itself, with real stores and the simulator, into
// random schedules and faults, and check the same guarantees.
package main
