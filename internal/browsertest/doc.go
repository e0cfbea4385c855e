// Package browsertest lets tests use a real browser: Debian's Chromium, without a
// window, in a new and empty profile.
//
//	b := browsertest.Start(t)
//	alice, bob := b.Person(t), b.Person(t) // each with cookies of its own
//	alice.Open("http://localhost:8080/")
//	alice.Follow(".connect")
//
// Every step waits for what it causes and fails the test if that does not come
// within [StepTime]; none of them sleeps.
//
// A missing browser is installed where that can be done, as root on a system with
// apt-get. Elsewhere the test is skipped and says what to install; with CI=true it
// fails, so that no test goes missing unseen.
package browsertest
