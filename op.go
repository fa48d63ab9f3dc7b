package mfa

// Op names an operation, in [Error], [Event] and the faults of package mfatest.
// The type is open: an error made by hand may name one that this package does
// not have.
type Op string

// The operations. Each is also how [Error.Error] names it. This package does not make
// the last three calls: they are for [ParseErrorOf].
const (
	OpAssociate           Op = "associate"            // Client.Associate
	OpListAuthenticators  Op = "list authenticators"  // Client.ListAuthenticators
	OpDeleteAuthenticator Op = "delete authenticator" // Client.DeleteAuthenticator
	OpChallenge           Op = "challenge"            // Client.Challenge
	OpVerifyOOB           Op = "verify oob"           // Client.VerifyOOB
	OpVerifyOTP           Op = "verify otp"           // Client.VerifyOTP
	OpVerifyRecoveryCode  Op = "verify recovery code" // Client.VerifyRecoveryCode
	OpPollPush            Op = "poll push"            // Client.PollPush
	OpPasswordLogin       Op = "password login"       // Client.PasswordLogin
	OpRefresh             Op = "refresh"              // Client.Refresh
	OpWarm                Op = "warm"                 // Client.Warm
	OpNewClient           Op = "new client"           // NewClient

	OpPasswordless  Op = "passwordless login" // the passwordless OTP grant
	OpTokenExchange Op = "token exchange"     // custom token exchange, RFC 8693
	OpDevice        Op = "device login"       // the device authorization grant, RFC 8628
)
