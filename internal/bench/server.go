package main

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// places says where the tenant is, by protocol and latency: "h2/20ms".
type places struct {
	URLs        map[string]string
	Certificate []byte
}

// latencies are how long the tenant takes to answer.
var latencies = []time.Duration{0, 20 * time.Millisecond, 150 * time.Millisecond}

func place(protocol string, latency time.Duration) string { return fmt.Sprint(protocol, "/", latency) }

// serve is the tenant: a process of its own, so that its half of a call is not
// counted. It ends when its input does.
func serve(in io.Reader, out io.Writer) error {
	p := places{URLs: map[string]string{}}
	for _, protocol := range []string{"h1", "h2"} {
		for _, latency := range latencies {
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				time.Sleep(latency)
				answer(w, r)
			}))
			server.EnableHTTP2 = protocol == "h2"
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			defer server.Close()
			p.URLs[place(protocol, latency)] = server.URL
			p.Certificate = server.Certificate().Raw
		}
	}
	if err := json.NewEncoder(out).Encode(p); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, in)
	return err
}

func answer(w http.ResponseWriter, r *http.Request) {
	for _, line := range headerLines {
		name, value, _ := strings.Cut(line, ": ")
		w.Header().Set(name, value)
	}
	body := []byte("{}") // to a GET of the discovery document
	for _, op := range operations {
		if op.path == r.URL.Path {
			body = op.answer
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// roots is the pool with the tenant's certificate.
func (p places) roots() (*x509.CertPool, error) {
	certificate, err := x509.ParseCertificate(p.Certificate)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	return pool, nil
}
