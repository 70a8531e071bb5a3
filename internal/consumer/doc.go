// Package consumer stands for a user's code: it lives in a module of its own,
// imports every package and names every exported generic type, under each
// toolchain. That a package builds does not show that its importers do: a
// generic alias in an exported signature hangs the compiler of whoever names
// it, and leaves the package's own build alone (golang/go#79711).
//
// The folder use holds programs as users write them.
package consumer
