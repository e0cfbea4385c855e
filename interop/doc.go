// Package interop holds tests only: the official Node.js SDK of Zoho, as npm
// serves it, and this module share token files, MySQL tables and a simulator. They
// show what docs/stores.md and docs/migrating.md promise about mixed use, from both
// sides: what one writes the other reads, what one refreshes the other uses, and
// what is left when both write at the same moment.
//
// The SDK is @zohocrm/nodejs-sdk-8.0 at 2.0.0, the one version that npm has (its
// repository is further; the FileStore used here is the same, the DBStore there
// binds more of its values). node/driver.mjs drives it. node/package-lock.json pins it and all it needs by hash and names no
// registry, so any mirror serves. The first test that needs it runs "npm ci";
// after that no network is needed. Where Node.js 18 or newer and npm are missing,
// the tests are skipped, or fail if CI=true; so are those of tables without the
// server of package servertest.
//
// testdata holds files that official SDKs wrote, made-up users and secrets in
// them.
package interop
