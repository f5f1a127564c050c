package dbx

// FirstWords is how an error names a statement.
var FirstWords = firstWords
