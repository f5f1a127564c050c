package main

// Run is the program without its signals and its exit.
var Run = run
