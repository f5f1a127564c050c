//go:build gc && !scope_portable

package carrier

import "unsafe"

// getLabels returns the running goroutine's profiler labels, setLabels
// replaces them. A new goroutine starts with those of the one that starts it.
//
// Depends on: runtime/pprof.runtime_getProfLabel and runtime_setProfLabel,
// whose names and signatures the runtime keeps (go.dev/issue/67401).
// Versions:   proved by prove at the first binding; CI runs Go 1.25 to 1.27.
// Sound:      what is stored has the layout that runtime/pprof stores, and is
// never changed once stored; both functions touch the running goroutine alone.
// Fails:      a changed layout fails the proof, and the gls carrier takes over.
// A removed symbol fails the link, and the build tag scope_portable answers.
// Guarded by: TestConformance, TestProveRefusesAnUnknownLayout.
//
//go:linkname getLabels runtime/pprof.runtime_getProfLabel
func getLabels() unsafe.Pointer

//go:linkname setLabels runtime/pprof.runtime_setProfLabel
func setLabels(unsafe.Pointer)
