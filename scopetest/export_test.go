package scopetest

// Inside is inside.
var Inside = inside
