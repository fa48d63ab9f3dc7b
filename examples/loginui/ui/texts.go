package ui

// texts are all that the pages say, in English. A name in braces stands for what is shown
// there: {address}, {email}, {name} and {phone} are isolated, so that one which is written
// from right to left leaves the sentence around it as it is.
var texts = map[string]string{
	"lang": "en",  // of these texts
	"dir":  "ltr", // or "rtl"
	"logo": "Logo",

	// On several pages.
	"title.error": "Error: {title}",
	"email":       "E-mail address",
	"phone":       "Phone number",
	"code":        "Code",
	"continue":    "Continue",
	"back":        "Back",
	"cancel":      "Cancel",
	"start-over":  "Start over",
	"sign-out":    "Sign out",
	"copy":        "Copy",
	"copied":      "Copied",
	"copy.failed": "Your browser did not copy it. It is selected, so that you can copy it yourself.",

	"time.minutes": "{n} min",
	"time.seconds": "{n} s",

	"password":            "Password",
	"password.show":       "Show",
	"password.hide":       "Hide",
	"password.show-label": "Show password",
	"password.hide-label": "Hide password",

	// The password form.
	"login.title":  "Sign in",
	"login.submit": "Sign in",
	"login.forgot": "Forgot password?",

	// Setting up the second factor.
	"enroll.title":       "Protect your account",
	"enroll.title-add":   "Add another way to sign in",
	"enroll.why":         "From now on, you need a code as well as your password to sign in.",
	"enroll.email":       "Send codes to",
	"enroll.email-hint":  "Leave this empty to use the address of your account.",
	"enroll.send":        "Send code",
	"enroll.phone-hint":  "Include the country code, such as +49\u00a030\u00a0901820.",
	"enroll.send-text":   "Send text message",
	"enroll.otp":         "Use an authenticator app",
	"enroll.otp-instead": "Use an authenticator app instead",
	"enroll.push":        "Use the Guardian app",
	"enroll.back":        "Back to the code",
	"qr":                 "QR code for your app",
	"qr.open":            "Open the app on this phone",

	// The code.
	"code.title-email":         "Check your e-mail",
	"code.title-sms":           "Check your messages",
	"code.title-voice":         "Answer your phone",
	"code.title-otp":           "Open your authenticator app",
	"code.title-otp-new":       "Set up your authenticator app",
	"code.title-recovery-code": "Use your recovery code",
	"code.sent":                "We sent a 6-digit code to {address}.",
	"code.sent-account":        "We sent a 6-digit code to the address of your account.",
	"code.called":              "We are calling {phone} to tell you a 6-digit code.",
	"code.wrong":               "Is that wrong?",
	"code.change":              "Change it",
	"code.scan":                "Scan this with your authenticator app:",
	"code.key":                 "Or enter this key in the app:",
	"code.then":                "Then enter the 6-digit code that the app shows.",
	"code.otp":                 "Enter the 6-digit code that your app shows.",
	"code.otp-hint":            "The app shows a new code every 30 seconds.",
	"code.recovery":            "Enter the recovery code that you stored. It works once, and you get a new one.",
	"code.recovery-hint":       "Spaces and dashes do not matter.",
	"code.works":               "The code works for {time}.",
	"code.expired":             "The code has expired. Please send another one.",
	"code.auto":                "The form is sent when you enter the last digit.",
	"code.spam":                "No message yet? Check your spam folder.",
	"again.code":               "Send another code",
	"again.push":               "Send another notification",
	"again.in":                 "You can send another in {time}.",
	"again.now":                "You can send another now.",
	"again.none":               "We can't send any more. Please use the latest one, or start over.",
	"others.enroll":            "Use another address or an app",
	"others.choose":            "Sign in another way",

	// The list of factors to sign in with.
	"choose.title": "Choose how to sign in",

	"factor.email":         "Code by e-mail",
	"factor.sms":           "Code by text message",
	"factor.voice":         "Code by phone call",
	"factor.push":          "Notification on your phone",
	"factor.otp":           "Authenticator app",
	"factor.recovery-code": "Recovery code",
	"factor.other":         "Another way",

	// The notification on the phone.
	"poll.title":      "Approve the sign-in",
	"poll.title-new":  "Set up the Guardian app",
	"poll.scan":       "Scan this with the Guardian app. Then continue here.",
	"poll.sent":       "We sent a notification to {name}. Approve it there. Then continue here.",
	"poll.sent-phone": "We sent a notification to your phone. Approve it there. Then continue here.",

	// The recovery codes.
	"recovery.title":    "Store your recovery code",
	"recovery.why":      "This code lets you sign in if you lose your phone or can't read your e-mail. It works once.",
	"recovery.once":     "Store it in a safe place: we can't show it again.",
	"recovery.download": "Download",
	"recovery.print":    "Print",
	"recovery.stored":   "I have stored it",
	"recovery.file":     "Recovery code for {email}",

	// Signed in.
	"home.title":       "You are signed in",
	"home.as":          "Welcome, {email}.",
	"home.manage":      "Manage your ways to sign in",
	"home.claims":      "What the ID token says",
	"home.claims-hint": "It is valid: Auth0 signed it for this application and for you, and it has not expired.",

	// The password, once more.
	"password.title": "Confirm it's you",
	"password.why":   "You are about to change how {email} signs in. Please enter your password again.",

	// The factors of the account.
	"account.title":         "Your ways to sign in",
	"account.any":           "After your password, you can use any of these.",
	"account.none":          "Nothing is set up yet.",
	"account.only-recovery": "Only your recovery code is left, and it works once. Please add another way to sign in.",
	"account.remove":        "Remove",
	"account.remove-label":  "Remove: {factor} {name}",
	"account.add":           "Add another way",
	"remove.title":          "Remove this way to sign in?",
	"remove.twin":           "This is removed with it: {factor}.",
	"remove.last":           "This is the last one. Until you add another, only your password protects your account, or we ask you to set one up when you next sign in.",
	"remove.button":         "Remove",
	"remove.keep":           "Keep it",

	// Pages that only say what is wrong.
	"message.link":  "Go to the sign-in page",
	"missing.title": "Page not found",
	"missing.text":  "There is no page at this address.",
	"long.title":    "That was too long",
	"long.text":     "Please start again, and type less.",
	"form.title":    "Please start again",
	"form.text":     "This form is out of date, or your browser blocks cookies. Please allow cookies and start again.",
	"failed":        "Something went wrong. Please try again in a minute.",

	// Notices. Those of these names that have a time or a number are followed by a sentence
	// of the last group.
	"notice.aborted":   "You can't sign in at the moment. Please contact support.",
	"notice.added":     "It is set up. You can use it the next time you sign in.",
	"notice.address":   "We can't use this e-mail address. Please check it.",
	"notice.again":     "We just sent you a message.",
	"notice.attempts":  "Too many incorrect codes.",
	"notice.broken":    "Something went wrong on our side. Please try again later.",
	"notice.bye":       "You are signed out.",
	"notice.choose":    "That way to sign in is no longer available. Please choose another.",
	"notice.code":      "That code is incorrect.",
	"notice.enroll":    "You have not set up a second step yet.",
	"notice.expired":   "Your sign-in took too long. Please sign in again.",
	"notice.form":      "Please fill in both fields.",
	"notice.inbox":     "We don't know whether the message was sent. Please check whether it has arrived before you send another.",
	"notice.later":     "Something went wrong. Please try again in a minute.",
	"notice.logins":    "Too many sign-in attempts.",
	"notice.look":      "We don't know whether it was removed. Please check the list.",
	"notice.next":      "That worked. There is one more step.",
	"notice.number":    "We can't use this phone number. Please check it. It starts with + and the country code.",
	"notice.old-code":  "That code has expired. Please send another one.",
	"notice.over":      "That took too long. Please open your ways to sign in again.",
	"notice.password":  "Incorrect e-mail address or password.",
	"notice.pending":   "Not approved yet. Please check your phone.",
	"notice.rejected":  "The sign-in was rejected on your phone. If that was a mistake, send another notification.",
	"notice.removed":   "It is removed.",
	"notice.restart":   "Please sign in again.",
	"notice.sent":      "Another code is on its way. Only the latest code works.",
	"notice.sent-push": "Another notification is on its way. Only the latest one works.",
	"notice.spent":     "We can't send any more codes. Please use the latest one, or start over.",
	"notice.stale":     "That page was out of date. Please continue here.",
	"notice.stays":     "We can't remove this one: the confirmed address of your account always stays.",
	"notice.unknown":   "We could not check that code. Please use another one.",
	"notice.wait":      "Please wait a moment.",
	"notice.wrong":     "Incorrect password.",

	"and.again-in": "You can try again in {time}.",
	"and.wait":     "Please wait a few minutes.",
	"and.one-left": "You have one attempt left.",
	"and.left":     "You have {left} attempts left.",
}
