//go:build go1.99

package shapes

func TooNew() {}
