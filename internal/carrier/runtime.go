//go:build gc && !scope_portable

package carrier

import "unsafe"

// getLabels returns the running goroutine's profiler labels, and setLabels replaces
// them. A new goroutine starts with the labels of the goroutine that starts it.
//
// Depends on: runtime/pprof.runtime_getProfLabel and runtime_setProfLabel. The runtime
// keeps their names and signatures (go.dev/issue/67401).
// Versions:   prove checks them at the first binding. CI runs Go 1.25 to 1.27.
// Sound:      a set that is stored has the layout of runtime/pprof's sets, and never
// changes afterwards. Both functions touch the running goroutine only.
// Fails:      if the layout changes, the proof fails, and the gls carrier takes over. If
// a symbol is removed, the program does not link: use the build tag scope_portable.
// Guarded by: TestConformance, TestProveRefusesAnUnknownLayout.
//
//go:linkname getLabels runtime/pprof.runtime_getProfLabel
func getLabels() unsafe.Pointer

//go:linkname setLabels runtime/pprof.runtime_setProfLabel
func setLabels(unsafe.Pointer)
