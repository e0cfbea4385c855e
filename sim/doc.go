// Package sim is a simulator of Zoho's accounts server and of the CRM v8 API:
// one [http.Handler] that hands out grant codes, refresh tokens and access
// tokens, ages and throttles and kills them by Zoho's limits, and answers CRM
// calls with them. Its clock can be moved by tests, and faults (a lost answer,
// an HTML error page, a hang) can be ordered. It is built from Zoho's documents
// and from captured answers, and of this module it imports only its own internal
// packages, so that it can catch the mistakes of the others.
//
// Every data centre is reachable under a path prefix of the same server:
// "/eu/oauth/v2/token" and "/eu/crm/v8/Leads" are the European ones, and no
// prefix is "us". The api_domain and accounts-server in its answers carry the
// prefix of the data centre where the user lives.
//
// Besides Zoho's paths it serves a few of its own under /sim/, to loopback
// addresses only: /sim/grant, /sim/clock, /sim/seed, /sim/device, /sim/counters,
// /sim/fault and /sim/revoke. They are described at [Server.ServeHTTP].
//
// Records are kept as rendered JSON, so that a list is put together from ready
// bytes and the simulator is not what a benchmark measures. All that it keeps is
// in memory and bounded. Notifications and callbacks are really posted, but to
// loopback addresses only.
//
// Where Zoho's pages contradict each other or say nothing, the choice is a
// setting in [Limits] or is noted beside the code that makes it.
package sim
