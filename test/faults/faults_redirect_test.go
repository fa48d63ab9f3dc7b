package faults

// elsewhere is a host that nothing must ever be sent to.
const elsewhere = "https://elsewhere.example"

var redirectFaults = []fault{
	{name: "301 to another host", on: onBoth, says: redirects(301, elsewhere), want: unexpected(301)},
	{name: "302 to another host", on: onBoth, says: redirects(302, elsewhere), want: unexpected(302)},
	{name: "303 to another host", on: onAll, says: redirects(303, elsewhere), want: unexpected(303)},
	{name: "307 to another host", on: onAll, says: redirects(307, elsewhere), want: unexpected(307)},
	{name: "308 to another host", on: onBoth, says: redirects(308, elsewhere), want: unexpected(308)},
	{name: "307 to a subdomain", on: onBoth, says: redirects(307, "https://sub.localhost"), want: unexpected(307)},
	{name: "307 without a host", on: onBoth, says: redirects(307, "//elsewhere.example"), want: unexpected(307)},
	{name: "308 from https to http", on: append(onTLS, onHTTP2...), says: redirects(308, "http://localhost"), want: unexpected(308)},
	{name: "307 to another port", on: onBoth, says: redirects(307, "https://localhost:8443"), want: unexpected(307)},
	{name: "redirect loop", on: onAll, says: redirects(307, ""), want: unexpected(307)},
	{name: "redirect loop by GET", on: onBoth, says: redirects(302, ""), want: unexpected(302)},
	{name: "malformed Location", on: onAll, says: locates(302, "http://[::1?token="), want: unexpected(302)},
	{name: "malformed escape in Location", on: onBoth, says: locates(307, "/%zz?token="), want: unexpected(307)},
	{name: "Location of another protocol", on: onBoth, says: locates(307, "javascript:"), want: unexpected(307)},
	{name: "302 without Location", on: onBoth, says: func(*scene) response { return response{status: 302} }, want: unexpected(302)},
	{name: "300", on: onBoth, says: func(*scene) response { return response{status: 300, body: "<html>choose</html>"} }, want: unexpected(300)},
	{name: "304", on: onBoth, says: func(*scene) response { return response{status: 304} }, want: unexpected(304)},
	{name: "399", on: onBoth, says: func(*scene) response { return response{status: 399} }, want: unexpected(399)},
}

// redirects responds with the same path at another place.
func redirects(status int, origin string) func(*scene) response {
	return func(s *scene) response {
		return response{status: status, header: []string{"Location", origin + s.op.path()}, body: "<html>moved</html>"}
	}
}

// locates responds with a Location that quotes every secret of the call.
func locates(status int, before string) func(*scene) response {
	return func(s *scene) response {
		return response{status: status, header: []string{"Location", before + s.hostile()}}
	}
}
