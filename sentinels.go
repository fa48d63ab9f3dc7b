package mfa

// sentinel is an error to match with errors.Is. Its parent, if any, matches too.
type sentinel struct {
	text   string
	parent error
}

func (s *sentinel) Error() string { return "mfa: " + s.text }
func (s *sentinel) Unwrap() error { return s.parent }

// What can go wrong, one variable for each different reaction. Match with
// errors.Is; [NextAction] turns each into something a login page can do.
var (
	// ErrMFARequired: the login, or one factor of several, succeeded and another
	// factor is due. From [Client.PasswordLogin], every verify call and
	// [ParseError], as a [*RequiredError] that carries the mfa_token.
	ErrMFARequired error = &sentinel{text: "multi-factor authentication is required"}

	// ErrAlreadyEnrolled: the user has an active authenticator, so an mfa_token
	// cannot enrol another. Challenge that one. From [Client.Associate].
	ErrAlreadyEnrolled error = &sentinel{text: "user is already enrolled"}
	// ErrNotEnrolled: the user has no authenticator for what was asked.
	ErrNotEnrolled error = &sentinel{text: "user is not enrolled"}
	// ErrUnsupportedChallenge: user or tenant do not support the challenge type.
	// From [Client.Challenge].
	ErrUnsupportedChallenge error = &sentinel{text: "challenge type is not supported"}
	// ErrAuthenticatorNotFound: no such authenticator, or another user's. After
	// [Client.DeleteAuthenticator] it means that there is nothing left to do.
	ErrAuthenticatorNotFound error = &sentinel{text: "authenticator was not found"}

	// ErrInvalidCode: the one-time code or recovery code is wrong, or was spent,
	// or is older than its 5 minutes. The challenge lives on: ask again, and offer
	// to send another. Auth0 allows 10 wrong codes, then one per 6 minutes.
	ErrInvalidCode error = &sentinel{text: "code is wrong"}
	// ErrInvalidToken: the mfa_token, oob_code or access token is damaged, dead,
	// or of the wrong kind for the call; see [Error.Hint].
	ErrInvalidToken error = &sentinel{text: "token is invalid"}
	// ErrTokenExpired: the mfa_token is too old. The user must log in again.
	ErrTokenExpired error = &sentinel{text: "token is expired"}
	// ErrChallengeExpired: the oob_code or the code is too old. Challenge again,
	// with the same mfa_token.
	ErrChallengeExpired error = &sentinel{text: "challenge is expired"}

	// ErrRateLimited: Auth0 refused for now; see [Error.RetryAfter].
	ErrRateLimited error = &sentinel{text: "rate limit is reached"}
	// ErrTooManyAttempts: too many wrong codes or logins. It is an
	// [ErrRateLimited] as well.
	ErrTooManyAttempts error = &sentinel{text: "too many attempts", parent: ErrRateLimited}
	// ErrTooManyMessages: too many codes were sent to this user; for e-mail 20,
	// then one per minute. It is an [ErrRateLimited] as well.
	ErrTooManyMessages error = &sentinel{text: "too many messages were sent", parent: ErrRateLimited}

	// ErrAuthorizationPending: the user has not answered the push notification
	// yet. Poll again after a few seconds. From [Client.PollPush].
	ErrAuthorizationPending error = &sentinel{text: "authorization is pending"}
	// ErrSlowDown: polled too often. Wait longer from now on. From [Client.PollPush].
	ErrSlowDown error = &sentinel{text: "polled too often"}
	// ErrRejected: the user rejected the push notification; this challenge is over.
	ErrRejected error = &sentinel{text: "authorization was rejected"}
	// ErrDeliveryFailed: Auth0 could not hand the message to its provider.
	ErrDeliveryFailed error = &sentinel{text: "message could not be sent"}

	// ErrInvalidCredentials: wrong user name or password. From [Client.PasswordLogin].
	ErrInvalidCredentials error = &sentinel{text: "credentials are wrong"}
	// ErrBlocked: the user is blocked, the password is known to be leaked, or the
	// login looks like a robot's. Trying again does not help.
	ErrBlocked error = &sentinel{text: "login is blocked"}
	// ErrInvalidClient: client id, secret or assertion are wrong.
	ErrInvalidClient error = &sentinel{text: "client authentication failed"}
	// ErrGrantNotAllowed: the application may not use the grant; the MFA grant
	// has to be switched on in its settings.
	ErrGrantNotAllowed error = &sentinel{text: "grant is not allowed for the application"}

	// ErrInvalidRequest: the request is wrong. Refused here before anything was
	// sent, then [Error.Fields] names what, or refused by Auth0.
	ErrInvalidRequest error = &sentinel{text: "request is invalid"}
	// ErrServer: Auth0 failed.
	ErrServer error = &sentinel{text: "server failed"}
	// ErrUnexpectedResponse: what answered does not speak Auth0's API: a redirect,
	// or a success that is a page of HTML or lacks the fields that make it one. A
	// refusal (4xx) of that kind matches no variable, unless its status or size
	// says what it is.
	ErrUnexpectedResponse error = &sentinel{text: "answer is not what the API sends"}
	// ErrOutcomeUnknown: the call may have acted, a mail may be out, a code may
	// be spent, but no answer says so. Do not blindly repeat it.
	ErrOutcomeUnknown error = &sentinel{text: "outcome is unknown"}
)
