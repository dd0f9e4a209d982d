// Holds a pod's namespaces open: waits until it is told to end, and collects what lost its parent.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Set by the linker.
var version = "unknown"

func main() {
	if len(os.Args) > 1 {
		fmt.Println(version)
		return
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			if collected, _ := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); collected <= 0 {
				break
			}
		}
	}
}
