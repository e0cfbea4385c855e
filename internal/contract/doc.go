// Package contract holds the client and the simulator against the description of
// the API that both serve, which neither of them wrote.
//
// [Run] calls every method of the services of package crm against the simulator
// and records what went over the wire, each call with the method that caused it.
// The tests hold every request and every answer against the operation it belongs
// to in Zoho's OpenAPI files (where they are at hand), and against descriptions of
// ten operations in testdata, written for these tests from Zoho's pages, which
// always are. Where Zoho's files are wrong or older than its service, a line of
// exceptions.go says so and why.
//
// The command in coverage makes docs/coverage.md of the same record: which
// operations a typed method was seen to call, and which only crm.Client.Do reaches.
package contract
