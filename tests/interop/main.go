// Real peers of other hands against our log: golang.org/x/mod reads and proves it, tessera's fsck checks it whole,
// tessera writes a log of its own for our verifier to audit, and litewitness cosigns our heads.
//
//	interop check URL VKEY             exit 0 when every peer agrees
//	interop write DIR ENTRIES          writes a tlog-tiles log to DIR and prints its verifier key
//	interop witness PROGRAM DIR VKEY   runs litewitness for a log until standard input ends; prints its key and address
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 3 && args[0] == "check":
		return check(ctx, args[1], args[2])
	case len(args) == 3 && args[0] == "write":
		return write(ctx, args[1], args[2])
	case len(args) == 4 && args[0] == "witness":
		return witness(ctx, args[1], args[2], args[3])
	}
	return fmt.Errorf("usage: interop check URL VKEY | write DIR ENTRIES | witness PROGRAM DIR VKEY")
}
