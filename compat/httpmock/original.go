package httpmock

import original "github.com/jarcoal/httpmock"

// These are the original's own.

type (
	File          = original.File
	Matcher       = original.Matcher
	MatcherFunc   = original.MatcherFunc
	MockTransport = original.MockTransport
	Responder     = original.Responder
)

var (
	ErrSubmatchNotFound = original.ErrSubmatchNotFound
	NoResponderFound    = original.NoResponderFound

	ConnectionFailure   = original.ConnectionFailure
	Disabled            = original.Disabled
	IgnoreMatcherHelper = original.IgnoreMatcherHelper

	GetSubmatch            = original.GetSubmatch
	GetSubmatchAsFloat     = original.GetSubmatchAsFloat
	GetSubmatchAsInt       = original.GetSubmatchAsInt
	GetSubmatchAsUint      = original.GetSubmatchAsUint
	MustGetSubmatch        = original.MustGetSubmatch
	MustGetSubmatchAsFloat = original.MustGetSubmatchAsFloat
	MustGetSubmatchAsInt   = original.MustGetSubmatchAsInt
	MustGetSubmatchAsUint  = original.MustGetSubmatchAsUint

	BodyContainsBytes  = original.BodyContainsBytes
	BodyContainsString = original.BodyContainsString
	HeaderContains     = original.HeaderContains
	HeaderExists       = original.HeaderExists
	HeaderIs           = original.HeaderIs
	NewMatcher         = original.NewMatcher

	NewMockTransport = original.NewMockTransport

	NewBytesResponse       = original.NewBytesResponse
	NewJsonResponse        = original.NewJsonResponse
	NewJsonResponseOrPanic = original.NewJsonResponseOrPanic
	NewRespBodyFromBytes   = original.NewRespBodyFromBytes
	NewRespBodyFromString  = original.NewRespBodyFromString
	NewStringResponse      = original.NewStringResponse
	NewXmlResponse         = original.NewXmlResponse

	NewBytesResponder              = original.NewBytesResponder
	NewErrorResponder              = original.NewErrorResponder
	NewJsonResponder               = original.NewJsonResponder
	NewJsonResponderOrPanic        = original.NewJsonResponderOrPanic
	NewNotFoundResponder           = original.NewNotFoundResponder
	NewStringResponder             = original.NewStringResponder
	NewXmlResponder                = original.NewXmlResponder
	NewXmlResponderOrPanic         = original.NewXmlResponderOrPanic
	ResponderFromMultipleResponses = original.ResponderFromMultipleResponses
	ResponderFromResponse          = original.ResponderFromResponse
)
