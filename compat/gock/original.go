package gock

import original "github.com/h2non/gock"

// These are the original's own.

type (
	FilterRequestFunc  = original.FilterRequestFunc
	FilterResponseFunc = original.FilterResponseFunc
	MapRequestFunc     = original.MapRequestFunc
	MapResponseFunc    = original.MapResponseFunc
	MatchFunc          = original.MatchFunc
	Matcher            = original.Matcher
	Mock               = original.Mock
	MockMatcher        = original.MockMatcher
	Mocker             = original.Mocker
	ObserverFunc       = original.ObserverFunc
	Options            = original.Options
	Request            = original.Request
	Response           = original.Response
)

const (
	EOL     = original.EOL
	Version = original.Version
)

var (
	BodyTypeAliases    = original.BodyTypeAliases
	BodyTypes          = original.BodyTypes
	CompressionSchemes = original.CompressionSchemes
	DefaultMatcher     = original.DefaultMatcher
	DumpRequest        = original.DumpRequest
	ErrCannotMatch     = original.ErrCannotMatch
	MatchBody          = original.MatchBody
	MatchHeaders       = original.MatchHeaders
	MatchHost          = original.MatchHost
	MatchMethod        = original.MatchMethod
	MatchPath          = original.MatchPath
	MatchPathParams    = original.MatchPathParams
	MatchQueryParams   = original.MatchQueryParams
	MatchScheme        = original.MatchScheme
	Matchers           = original.Matchers
	MatchersBody       = original.MatchersBody
	MatchersHeader     = original.MatchersHeader
	NewBasicMatcher    = original.NewBasicMatcher
	NewEmptyMatcher    = original.NewEmptyMatcher
	NewMatcher         = original.NewMatcher
	NewMock            = original.NewMock
	NewRequest         = original.NewRequest
	NewResponse        = original.NewResponse
	Responder          = original.Responder
)
