// Package dc knows Zoho's data centres and environments as plain values.
//
// A Zoho account lives in one data centre ("location"): its accounts server
// issues and renews tokens, its API hosts answer for production, sandbox and
// developer organisations, and tokens of one data centre are worthless at any
// other. A [Directory] finds a data centre by location code, by API domain and
// by accounts URL, and it is the allow-list: a host that the directory does not
// know is never sent a token or a secret. An operator extends it with
// [Directory.With] for a gateway or for the simulator.
//
// The package holds no state and imports only the standard library.
package dc
