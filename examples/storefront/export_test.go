package main

// Run is the program but for its signals and its exit.
var Run = run
