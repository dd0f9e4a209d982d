// Command etcd is etcd's server as its project builds it; the module itself offers no main package to build by name.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
