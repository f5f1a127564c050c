package dbx

// FirstWords is how an error names a statement.
var FirstWords = firstWords

// Routing is the key that has all routes.
var Routing = routing
