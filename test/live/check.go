package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Confidence is how sure a fact is before a run.
type Confidence string

// The confidences, the surest first.
const (
	// Recorded means that a public recording of the service shows it.
	Recorded Confidence = "recorded"
	// Documented means that Auth0's documentation says so.
	Documented Confidence = "documented"
	// Reported means that an SDK of Auth0, or a user, relies on it.
	Reported Confidence = "reported"
	// Guess means that nothing is known, and that package mfatest guesses.
	Guess Confidence = "guess"
)

// Check is a fact about Auth0 that a client can observe.
type Check struct {
	// Name says what is checked. It is unique.
	Name string
	// Confidence is how sure the fact is.
	Confidence Confidence
	// Source is the address of a public page that says so. It is empty if the
	// fact is a [Guess].
	Source string
	// Expected is what should be seen.
	Expected string

	// run returns what was seen. It returns a notReachedError if the check does
	// not apply to the user; every other error ends the run.
	run func(context.Context, *session) (string, error)
}

// Result is what a run saw of a check.
type Result struct {
	Check

	// Seen is what was seen. It contains no secret, and neither the tenant's name
	// nor the user's. It is empty if the check was not reached.
	Seen string
	// Why says why the check was not reached.
	Why string
}

// Reached reports whether the check was made.
func (r Result) Reached() bool { return r.Why == "" }

// Holds reports whether the fact was seen as expected.
func (r Result) Holds() bool { return r.Reached() && r.Seen == r.Expected }

// notReachedError says why a check does not apply.
type notReachedError string

func (e notReachedError) Error() string { return string(e) }

// Report is the result of a run.
type Report struct {
	// Results has one element for each of [Checks], in their order.
	Results []Result
	// Left are the IDs of authenticators that the run may have made and that are
	// still there. It is empty if the user has what it had before.
	Left []string
	// Mails is how many e-mails the run asked for, also where it was refused.
	Mails int
}

// Differences returns the results that were seen otherwise than expected.
func (r Report) Differences() []Result {
	var differ []Result
	for _, result := range r.Results {
		if result.Reached() && !result.Holds() {
			differ = append(differ, result)
		}
	}
	return differ
}

// The lines around the table in docs/facts.md.
const (
	tableBegin = "<!-- facts: make live -->\n"
	tableEnd   = "<!-- end of facts -->\n"
)

// Table returns the results as a table in Markdown. What was not reached has its
// confidence where the others have what was seen.
func Table(results []Result) string {
	var b strings.Builder
	b.WriteString("| fact | expected | seen |\n|---|---|---|\n")
	for _, r := range results {
		b.WriteString(r.fact() + r.seen() + " |\n")
	}
	return b.String()
}

// fact is the beginning of the row, up to what was seen.
func (r Result) fact() string { return fmt.Sprintf("| %s | %s | ", r.Name, code(r.Expected)) }

func (r Result) seen() string {
	switch {
	case r.Holds():
		return "as expected"
	case r.Reached():
		return code(r.Seen)
	case r.Source != "":
		return fmt.Sprintf("[%s](%s)", r.Confidence, r.Source)
	default:
		return string(r.Confidence)
	}
}

// code sets a text of the wire in a cell of a table.
func code(text string) string {
	text = strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

// Replace puts the table of the results into a page that has one. A row that was
// not reached keeps what an earlier run saw.
func Replace(page string, results []Result) (string, error) {
	before, rest, found := strings.Cut(page, tableBegin)
	table, after, ended := strings.Cut(rest, tableEnd)
	if !found || !ended {
		return "", errors.New("the page has no table of facts")
	}
	replaced := Table(results)
	for line := range strings.Lines(table) {
		for _, r := range results {
			seen, same := strings.CutPrefix(line, r.fact())
			if same && !r.Reached() && !strings.HasPrefix(seen, "[") && !strings.HasPrefix(seen, string(Guess)) {
				replaced = strings.Replace(replaced, r.fact()+r.seen()+" |\n", line, 1)
			}
		}
	}
	return before + tableBegin + replaced + tableEnd + after, nil
}

// Unseen returns the results of a run that reached nothing.
func Unseen() []Result {
	var results []Result
	for _, check := range Checks() {
		results = append(results, Result{Check: check, Why: "nothing was run"})
	}
	return results
}
