// Package storm is the load test of the refresh protocol: real processes that
// share a store wake at the same moment with one expired token, again and again,
// against Zoho's simulator and its limits. One of them now and then is killed at a
// named point of its refresh, or stopped for longer than its lease. What is
// counted is what Zoho counts: how many tokens were made.
//
// [Run] is the parent, which moves the simulator's clock and counts; [Work] is a
// worker process. They speak JSON lines over the worker's standard input and
// output. The simulator must be on this machine, so that a storm is never made
// over Zoho.
package storm

// client is the client ID that the simulator knows.
const client = "1000.SIM"
