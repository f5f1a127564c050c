// Package fakes has the services that the shop calls, as far as the shop needs them: so that the program runs on a
// machine that has no network. They keep everything in memory.
package fakes
