//go:build tools

// Package kubelet names what is built here; see ../suite/pin.
package kubelet

import (
	_ "k8s.io/kubernetes/cmd/kubelet"
)
