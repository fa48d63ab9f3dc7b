//go:build linux

package edge

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"strconv"
	"testing"

	"go.uber.org/goleak"
)

var full = flag.Bool("edge.full", false, "run with the full counts")

// count returns how often to do something.
func count(short, long int) int {
	if *full {
		return long
	}
	return short
}

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(children[role]())
	}
	flag.Parse()
	// They wait more than they compute.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		_ = parallel.Value.Set("32")
	}
	log.SetOutput(io.Discard) // net/http writes to it what servers say unasked
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
