// Package shapes has a declaration of each shape that the lister must print.
package shapes

import "errors"

type Color uint8

const (
	A Color = iota
	B
	c
)

const Plain = 1

const hidden = c

var Err error = errors.New("shapes")

var Guessed = 7

type Old = Color

type Fn[A, B any] func(A) B

type Option interface{ apply(int) }

type Doer interface {
	error
	Do(n int) error
}

type Box[T any] struct {
	N      int
	Fn     func(int) error
	secret T
	core
	lonely
}

type core struct{}

func (core) Promoted() {}

type lonely struct{}

func (b *Box[T]) Put(v T) { b.secret = v }

func (b Box[T]) Get() (v T, ok bool) { return b.secret, true }

func (b Box[T]) peek() T { return b.secret }

type quiet struct{}

func (quiet) Loud() {}

func Make[T any, E interface{ Do() }](on E, fn func(int) (T, error)) *Box[T] {
	_ = hidden
	_ = quiet{}
	return nil
}
