package ratelimit

import "math/big"

// What was there when the rate changes, and where those stand who wait or have
// reserved, is carried over in totals: tokens since the limiter was made, or
// since it last had no limit, in 2^-totalBits of a token. So each bucket has to
// know only its own scale, and none of those before it.
const totalBits = 128

// total returns the total at a place on the scale of b.
func (b *bucket) total(at int64) *big.Int {
	x := big.NewInt(at)
	x.Lsh(x, totalBits)
	return x.Add(b.base, x.Div(x, big.NewInt(b.token)))
}

// supplied returns the total at the time now, which is not rounded to a unit.
func (b *bucket) supplied(now int64) *big.Int {
	x := new(big.Int).SetUint64(b.mul)
	x.Mul(x, big.NewInt(now))
	x.Lsh(x, totalBits-uint(b.shift))
	return x.Add(b.come, x.Div(x, big.NewInt(b.token)))
}

// place returns the nearest place on the scale of b.
func (b *bucket) place(total *big.Int) int64 {
	x := new(big.Int).Sub(total, b.base)
	x.Mul(x, big.NewInt(b.token))
	x.Add(x, new(big.Int).Lsh(big.NewInt(1), totalBits-1))
	switch x.Rsh(x, totalBits); {
	case x.IsInt64():
		return min(max(x.Int64(), -farthest), farthest)
	case x.Sign() < 0:
		return -farthest
	default:
		return farthest
	}
}

// startAt sets the word of a new bucket to the total that has been taken. The scale is shifted by less than a unit,
// so that the word is a whole number of them and nothing is rounded: many small
// changes are as good as none.
func (b *bucket) startAt(taken *big.Int) {
	shift := uint(b.shift)
	x := new(big.Int).Sub(taken, b.come)
	x.Mul(x, big.NewInt(b.token))
	x.Add(x, new(big.Int).Lsh(big.NewInt(1), totalBits-shift-1))
	x.Rsh(x, totalBits-shift)
	x.Sub(x, new(big.Int).SetUint64(b.rest)) // what was taken, times 2^shift

	word := new(big.Int).Neg(x)
	word.Rsh(word, shift).Neg(word) // rounded up
	x.Sub(new(big.Int).Lsh(word, shift), x)

	b.off = x.Uint64()
	b.shifted = b.off != b.rest
	b.word.Store(word.Int64())
	b.base = new(big.Int)
	b.base.Sub(taken, b.total(word.Int64()))
}
