// Package recipes holds the code of docs/recipes, so that it is compiled and run:
// a test compares each block of those pages with these files, and each recipe has
// an Example that runs against the simulator.
//
// The recipes with programs of their own are in examples/kubernetes and
// examples/webapp, the custom stores in examples/vaultstore and
// examples/outside/secretsmanager.
package recipes
