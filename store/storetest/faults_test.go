package storetest

import "slices"

// faults are all ways to break a store, each with the checks that notice it.
func faults() []fault {
	return slices.Concat(faultsOfFind(), faultsOfSave(), faultsOfVersion(), faultsOfList(), faultsOfValue(), faultsOfSharing(), faultsOfBatch(), faultsOfLeases())
}
