// Package fakes has fakes of the services that the shop calls, so that the program runs without a network. They do
// only what the shop needs, and keep everything in memory.
package fakes
