package javascript_test

// libraries are the cases that the script of each library must have run on each
// kind of tenant, in their order.
var libraries = map[string]map[string][]string{
	"auth0-auth-js": authjs,
	"node-auth0":    nodeAuth0,
	"oauth4webapi":  oidc,
	"openid-client": oidc,
}

var authjs = map[string][]string{
	"ordinary": {
		"discovery: the issuer is the one the library expects",
		"login: mfa_required with a token",
		"login: wrong password",
		"login: access token of the MFA API for a user with e-mail only",
		"login: refresh token, and mfa_required out of it",
		"list: fields of every kind of authenticator",
		"enroll: own e-mail address, then verify",
		"enroll: another e-mail address",
		"enroll: one address more with an access token",
		"enroll: one-time password, then verify",
		"enroll: text message and call",
		"enroll: push notification, then poll",
		"challenge: e-mail, then verify",
		"challenge: again, the newest code counts",
		"challenge: one-time password, then verify",
		"verify: recovery code, which is replaced",
		"verify: full response",
		"delete: with an access token",
		"wrong e-mail code, then the right one, then it again",
		"code that is too old",
		"wrong one-time password",
		"wrong recovery code",
		"no recovery code",
		"missing e-mail code",
		"malformed mfa_token",
		"access token instead of an mfa_token",
		"malformed oob_code",
		"oob_code of another login",
		"expired mfa_token",
		"already enrolled",
		"nothing enrolled",
		"unknown authenticator",
		"wrong client secret",
		"unknown client",
		"mfa_token of another client",
		"access token without the scope",
		"too many wrong codes",
		"too many verifications",
		"too many e-mails",
		"invalid phone number",
		"push notification: pending, polled too fast, rejected",
		"mail provider down",
		"difference: a list does not tell the channel",
		"difference: an enrollment has no id",
		"difference: an mfa_token does not delete",
		"difference: a realm goes with the password grant",
		"difference: codes of its own for responses that are not JSON",
	},
	"flexible": {
		"login: mfa_required with requirements",
		"list: type with flexible factors",
	},
	"tokenless": {
		"login: mfa_required without a token",
	},
	"grantless": {
		"MFA grant switched off",
	},
	"chained": {
		"difference: the mfa_token of the next factor is lost",
	},
	"public": {
		"difference: a public client cannot verify",
	},
	"assertion": {
		"difference: a client with a key verifies but does not challenge",
	},
}

// general are the cases of scenes.mjs on an ordinary tenant.
var general = []string{
	"login: wrong password",
	"mfa_required: with a token",
	"list: every kind of authenticator",
	"list: without a token",
	"enroll: an e-mail address, then verify",
	"challenge: an e-mail address, then verify",
	"challenge: an authenticator of nobody",
	"wrong code: then the right one, then it again",
	"recovery code: which is replaced",
	"OTP: enroll, then verify",
	"push: pending, then approved",
	"refresh: then for the MFA API",
	"delete: with an access token, not with an mfa_token",
	"difference: an error beside a WWW-Authenticate header has no code",
	"client authentication: post",
	"client authentication: basic",
}

// oidc are the cases of a library for OpenID Connect.
var oidc = map[string][]string{
	"ordinary":  general,
	"optional":  {"login: without a second factor"},
	"flexible":  {"mfa_required: with requirements"},
	"assertion": {"client authentication: assertion"},
	"public":    {"client authentication: none"},
}

var nodeAuth0 = map[string][]string{
	"ordinary": {
		"login: wrong password",
		"login: with a realm",
		"mfa_required: the token is in the text of the body alone",
		"OTP: verify",
		"recovery code: which is replaced",
		"refresh: then for the MFA API",
		"client authentication: post",
		"difference: the secret is written into the parameters of the caller",
	},
	"optional":  {"login: without a second factor"},
	"assertion": {"client authentication: assertion"},
	"public":    {"difference: a public client cannot sign in"},
}
