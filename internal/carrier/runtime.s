//go:build gc && !scope_portable

// This file is empty on purpose: with an assembly file beside it, the compiler
// accepts the functions without a body in runtime.go.
