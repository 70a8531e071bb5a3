// Package use holds programs as users write them, compiled under each
// toolchain: what they read like is part of the design. The plain files are
// for Go 1.26; those named go127 say the same left to right.
package use
