#!/usr/bin/env bash
# Software:  github.com/redis/go-redis/v9 v9.23.0 with Go 1.26.8, redis-server of Debian
#            12
#
# Expected:  SetNX is true for exactly one caller. If the reply is lost, the caller gets
#            an error and knows that it does not know.
# Behavior:  By default commands are sent again after a lost reply, whatever they do.
#            The winner hears false, Incr counts twice and GetDel loses the value, all
#            without an error. With MaxRetries -1 the error appears.
# Output:    what the caller gets when a proxy drops one reply, at the end of this
#            script.
# Why:       A claim ("this step is mine") that nobody holds blocks the login until it
#            expires. A one-time code is gone.
set -euo pipefail

dir=$(mktemp -d)
trap 'kill %1 2>/dev/null || true; chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

command -v redis-server >apt.log || { apt-get update -qq && apt-get install -qq -y --no-install-recommends redis-server; } >apt.log
redis-server --port 0 --unixsocket "$dir/redis.sock" --save '' --dir "$dir" >redis.log &
for _ in {1..100}; do [ -S redis.sock ] && break; sleep 0.1; done
cat >main.go <<'EOF'
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

var dropReply atomic.Bool

func proxy(l net.Listener, socket string) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", socket)
		if err != nil {
			panic(err)
		}
		go io.Copy(server, client)
		go func() {
			defer client.Close()
			defer server.Close()
			buf := make([]byte, 4096)
			for {
				n, err := server.Read(buf)
				if err != nil || dropReply.CompareAndSwap(true, false) {
					return
				}
				client.Write(buf[:n])
			}
		}()
	}
}

func main() {
	ctx := context.Background()
	direct := redis.NewClient(&redis.Options{Network: "unix", Addr: os.Args[1]})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go proxy(l, os.Args[1])
	for _, retries := range []int{0, -1} {
		direct.FlushDB(ctx)
		direct.Set(ctx, "code", "123456", 0)
		client := redis.NewClient(&redis.Options{Addr: l.Addr().String(), MaxRetries: retries})
		client.Ping(ctx)
		dropReply.Store(true)
		won, err := client.SetNX(ctx, "claim", "me", 0).Result()
		fmt.Println("MaxRetries", retries, "SetNX:", won, err, "holder:", direct.Get(ctx, "claim").Val())
		dropReply.Store(true)
		count, err := client.Incr(ctx, "count").Result()
		fmt.Println("MaxRetries", retries, "Incr:", count, err)
		dropReply.Store(true)
		code, err := client.GetDel(ctx, "code").Result()
		fmt.Printf("MaxRetries %d GetDel: %q %v\n", retries, code, err)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/redis/go-redis/v9@v9.23.0 2>>go.log || { cat go.log; exit 1; }
go run . "$dir/redis.sock" >actual

diff -u --label expected --label actual - actual <<'EOF'
MaxRetries 0 SetNX: false <nil> holder: me
MaxRetries 0 Incr: 2 <nil>
MaxRetries 0 GetDel: "" redis: nil
MaxRetries -1 SetNX: false EOF holder: me
MaxRetries -1 Incr: 0 EOF
MaxRetries -1 GetDel: "" EOF
EOF
