// Package cli is the program zcrm: it logs a Zoho user in, prints a valid access
// token, makes CRM calls, looks after the stored tokens, and runs the simulator.
//
// [Main] is the whole program as a function, so that tests run what users run.
// Each command has one file of the same shape: a struct of options, a
// constructor that only parses, and a run function that only works. What they
// share is in few places: settings.go turns flags and environment into settings,
// session.go opens the store with a Keeper over it, who.go finds the user that
// is meant, print.go writes results, and exit.go turns every error into one line
// and an exit code.
//
// Results go to stdout and everything else to stderr. A secret is printed by
// "token get", by "token export --reveal" and into the environment of the
// command that "exec" runs, and by nothing else.
package cli
