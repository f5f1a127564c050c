package propagation

import "errors"

// The reasons why a token is refused. No error of this package quotes the token.
var (
	// ErrSeveral means that the carrier has the header more than once, so it is unclear
	// which token is meant.
	ErrSeveral = errors.New("propagation: several tokens")
	// ErrTooLarge means that the token has more than MaxToken bytes. Inject returns it
	// too.
	ErrTooLarge = errors.New("propagation: the token is too large")
	// ErrMalformed means that the text is not a token.
	ErrMalformed = errors.New("propagation: the token is malformed")
	// ErrVersion means that this version of the package does not know the token's format.
	ErrVersion = errors.New("propagation: the token's version is unknown")
	// ErrUnknownSecret means that no secret here has the id that the token names, or that
	// there is no secret here at all.
	ErrUnknownSecret = errors.New("propagation: the token is signed with an unknown secret")
	// ErrSignature means that the token was changed, or made without the secret.
	ErrSignature = errors.New("propagation: the token's signature is wrong")
	// ErrExpired means that the token's time is over.
	ErrExpired = errors.New("propagation: the token has expired")
	// ErrEarly means that the token was issued later than now, so one of the clocks is
	// wrong.
	ErrEarly = errors.New("propagation: the token is from the future")
	// ErrAudience means that the token is for another audience.
	ErrAudience = errors.New("propagation: the token is for another audience")
	// ErrValue means that an entry refuses its value. The error that wraps it names the
	// entry, and wraps the entry's error too.
	ErrValue = errors.New("propagation: the token has a value that is refused")
)
