// Package logx sends a scope's log records to a handler of its own.
//
// A program has one default logger, so its tests share one log. With this
// package the program keeps that logger, and each record asks the scope that it
// is logged in:
//
//	logx.Install()                                         // once, in main or TestMain
//	ctx = scope.With(ctx, logx.Route(slog.NewTextHandler(w, nil)))
//	slog.InfoContext(ctx, "paid")                          // goes to w
//	slog.Info("started")                                   // goes where it went before
//
// [Route] binds a handler in a scope. [Install] makes package slog's default
// logger and package log's standard logger follow routes. [Handler] does the
// same for a logger that a program makes itself. In tests, package logtest does
// all of it in one line.
//
// # Which scope decides
//
// The scope that the record's context carries decides, or else the scope of the
// goroutine that logs. It is asked at each record. So a logger that was derived
// earlier, with [slog.Logger.With] or [slog.Logger.WithGroup], follows routes
// too, and its attributes and groups reach the routed handler in the order in
// which they were given. The routed handler also decides which levels are
// enabled.
//
// When a scope has ended, its records go to the handler that its nearest live
// ancestor routes to, or else where they go without a route.
//
// # Cost
//
// A record that is not routed costs some nanoseconds more, and no allocation more.
// After Install, the handler that package slog starts with, which writes text to
// package log, takes a quarter of a microsecond more.
//
// # Limits
//
// A logger that the program took from [slog.Default] before Install, and before
// any call of [slog.SetDefault], writes text through package log. Install routes
// that text: it reads level, message and attributes back from the line. Such
// attributes are strings, and a message that itself ends in key=value loses that
// end to the attributes. The goroutine's scope decides, since the text has no
// context. If the program has called slog.SetDefault since, such a
// logger's line is one message, as it is without this package. Records below the level of [slog.SetLogLoggerLevel]
// are dropped before this package sees them.
//
// A later call of slog.SetDefault or [log.SetOutput] takes the place of what
// Install did. Pass slog.SetDefault a logger with a [Handler], or call Install
// again. A logger that [log.New] made for another writer is not reached.
//
// A routed handler must not write through package log, which holds a lock while
// a line is written: [slog.SetDefault] has the same limit.
package logx
