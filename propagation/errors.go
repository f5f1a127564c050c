package propagation

import "errors"

// Why a token is refused. None of these errors, nor what wraps them, quotes the
// token.
var (
	// ErrSeveral: the carrier has the header more than once. Which one to
	// believe is nothing to guess.
	ErrSeveral = errors.New("propagation: several tokens")
	// ErrTooLarge: the token has more than MaxToken bytes. It is also why
	// Inject can't send one.
	ErrTooLarge = errors.New("propagation: the token is too large")
	// ErrMalformed: this is no token.
	ErrMalformed = errors.New("propagation: the token is malformed")
	// ErrVersion: the token is of a format that this version does not know.
	ErrVersion = errors.New("propagation: the token's version is unknown")
	// ErrUnknownSecret: no secret here has the id that the token names, or
	// there is no secret here at all.
	ErrUnknownSecret = errors.New("propagation: the token is signed with an unknown secret")
	// ErrSignature: the token was made or changed by somebody else.
	ErrSignature = errors.New("propagation: the token's signature is wrong")
	// ErrExpired: the token's time is over.
	ErrExpired = errors.New("propagation: the token has expired")
	// ErrEarly: the token was issued later than now. A clock is wrong.
	ErrEarly = errors.New("propagation: the token is from the future")
	// ErrAudience: the token is for somebody else.
	ErrAudience = errors.New("propagation: the token is for another audience")
	// ErrValue: an entry can't take its value. What wraps it names the entry
	// and wraps its error too.
	ErrValue = errors.New("propagation: the token has a value that is refused")
)
