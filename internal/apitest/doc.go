// Package apitest keeps the exported surface of the public packages in golden
// files, so that a change of API is seen in review.
//
// The files are api/go1.26.txt and api/go1.27.txt at the root of the
// repository: a toolchain reads and writes the one that its build tags select,
// since the generic methods exist from Go 1.27 on only. Refresh them with
//
//	go test ./internal/apitest -update
//	GOTOOLCHAIN=go1.27.3 go test ./internal/apitest -update
//
// There is one line for each function, method, constant, variable, type,
// exported field, interface method and embedded type, sorted.
package apitest
