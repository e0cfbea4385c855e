package main

// size says how large a search is.
type size struct{ processes, crashes, expiries int }

// standard are the searches that are made, over all that may happen. Those with
// faults of two kinds allow one lease at the most to end too early.
func (s size) standard() []config {
	once := min(s.expiries, 1)
	all := []config{
		{name: "nothing goes wrong"},
		{name: "deaths, leases that end too early", budget: budget{crashes: s.crashes, expiries: s.expiries}},
		{name: "deaths, leases that end too early", budget: budget{crashes: s.crashes, expiries: s.expiries}, rotating: true},
		{name: "and two requests fail", budget: budget{crashes: s.crashes, expiries: once, failures: 2}},
		{name: "and the store is away for a Save", budget: budget{crashes: s.crashes, expiries: once, saves: 1}},
		{name: "and the store is away for a Save", budget: budget{crashes: s.crashes, expiries: once, saves: 1}, rotating: true},
		{name: "and an SDK refreshes without asking", budget: budget{crashes: s.crashes, expiries: once, sdk: 1}},
		{name: "and an SDK refreshes without asking", budget: budget{crashes: s.crashes, expiries: once, sdk: 1}, rotating: true},
		{name: "and the user logs in again", budget: budget{crashes: s.crashes, expiries: once, login: 1}},
		{name: "and the user logs in again", budget: budget{crashes: s.crashes, expiries: once, login: 1}, rotating: true},
		{name: "and the user withdraws consent at Zoho", budget: budget{crashes: s.crashes, expiries: once, death: 1}},
		{name: "and a program revokes the user", budget: budget{crashes: s.crashes, expiries: once, away: 1}, revoke: true},
		{name: "the access token is refused before its time", budget: budget{crashes: s.crashes, expiries: once}, refused: true},
		{name: "eight mints of ten are spent", budget: budget{crashes: s.crashes, expiries: once}, spent: 8},
	}
	for i := range all {
		all[i].processes = s.processes
	}
	return all
}

// wrong are rules that are not the protocol's, each with a search that shows it.
func (s size) wrong() []config {
	faults := budget{crashes: s.crashes, expiries: max(s.expiries, 1)}
	failing, login := faults, faults
	failing.failures, login.login = 1, 1
	all := []config{
		{name: "a Save is bound to the lease, not to the version", budget: login, rules: rules{success: byEpoch}},
		{name: "a Save is bound to the lease, not to the version", budget: faults, rotating: true, rules: rules{success: byEpoch}},
		{name: "a Save is bound to both", budget: faults, rotating: true, rules: rules{success: byBoth}},
		{name: "a Save is bound to nothing", budget: faults, rules: rules{success: unfenced}},
		{name: "a failure counts after the lease has passed on", budget: failing, rules: rules{anyFailure: true}},
		{name: "the row is not read again under the lease", rules: rules{noReread: true}},
		{name: "the mint is not reserved", rules: rules{notReserved: true}},
		{name: "nobody waits for who has the lease", rules: rules{notHeld: true}},
		{name: "who comes late saves over what stands", budget: faults, rules: rules{saveOver: true}},
		{name: "a request without an answer counts as a refusal", budget: failing, rules: rules{deadIfMute: true}},
	}
	for i := range all {
		all[i].processes = s.processes
	}
	return all
}
