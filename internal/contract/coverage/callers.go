package main

import (
	"maps"
	"slices"

	"zohocrm/internal/contract"
)

// callers are the methods that were seen to call each operation: of those that
// call several, only where none is more its own. Bulk.Upload looks up the
// organisation, and Org.Get is the method for that.
func callers(operations []contract.Operation, record contract.Record) map[contract.Operation][]string {
	seen := map[contract.Operation]map[string]bool{}
	calls := map[string]map[string]bool{} // of a method: its addresses
	for _, e := range record.Exchanges {
		if e.Fails || e.Status >= 400 {
			continue
		}
		for _, op := range contract.Matching(operations, e.Request.Method, e.Request.URL.Path) {
			add(seen, op, e.Caller)
			add(calls, e.Caller, op.Method+contract.Shape(op.Path))
		}
	}
	own := map[contract.Operation][]string{}
	for op, methods := range seen {
		fewest := len(operations)
		for m := range methods {
			fewest = min(fewest, len(calls[m]))
		}
		for _, m := range slices.Sorted(maps.Keys(methods)) {
			if len(calls[m]) == fewest {
				own[op] = append(own[op], m)
			}
		}
	}
	return own
}

func add[K comparable](sets map[K]map[string]bool, key K, value string) {
	if sets[key] == nil {
		sets[key] = map[string]bool{}
	}
	sets[key][value] = true
}
