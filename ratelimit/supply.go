package ratelimit

import (
	"math"
	"math/bits"
)

const (
	// maxUnits bounds what a bucket holds and how far its clock runs, so that
	// sums of the two stay far from the ends of an int64.
	maxUnits = 1<<61 - 1

	// A rate beyond burst a nanosecond fills the bucket in one; if it is also
	// beyond minPerNano it is not told from higher ones, nor is any beyond
	// maxPerNano. So no clock runs out of range within a second.
	minPerNano = 1 << 10
	maxPerNano = 1 << 30

	// A rate is exact if that many tokens, or fewer, come in a whole number of
	// nanoseconds. More would leave a clock too little room.
	maxWhole = 128

	nanosPerSecond = 1e9
)

// supply turns time into tokens and back: how many have come in since the
// epoch, the bucket imagined bottomless. Tokens are counted in units, so many
// of them to a token that a nanosecond brings a whole number of them: then all
// is exact. Of a rate that has no such number, a nanosecond brings 64 units or
// more wherever 64 bits allow it.
//
// The clock is multiplied, never added up, so no error grows with the number
// of tokens.
type supply struct {
	mul   uint64 // units a nanosecond, times 2^shift, rounded up
	off   uint64 // what at adds, times 2^shift: less than a unit
	token int64  // units of a token
	last  int64  // at is right from -last to last, in nanoseconds
	rest  uint64 // off if a whole unit begins at the epoch
	shift uint8  // 1 to 63
}

// newSupply makes the supply of rate r, fine enough for its nanoseconds and
// coarse enough to count room tokens.
func newSupply(r Limit, room int64) supply {
	room = min(max(room, 1), maxUnits)
	finest := 61 - bits.Len64(uint64(room))
	if r == 0 {
		return supply{shift: 63, token: 1 << min(finest, 30), last: math.MaxInt64}
	}
	num, den, exp := ratio(r, room)
	if finer := min(max(4-bits.Len64(num), 0), finest-bits.Len64(den)); exp == 0 && num <= maxWhole && finer >= 0 {
		num <<= finer
		shift := min(64-bits.Len64(num), 63)
		s := supply{mul: num << shift, shift: uint8(shift), token: int64(den << finer)}
		s.last = s.when(maxUnits) - 1
		return s
	}
	_, magnitude := math.Frexp(float64(num) / float64(den))
	frac := min(max(7-magnitude-exp, 0), finest)

	// num/den as a 64-bit mantissa: both are shifted to the top, so that the
	// quotient is one of 63 or 64 bits.
	zn, zd := bits.LeadingZeros64(num), bits.LeadingZeros64(den)
	top := num << zn
	mul, _ := bits.Div64(top>>1, top<<63, den<<zd)
	shift := 63 + zn - zd - frac - exp
	if shift > 63 {
		mul, shift = mul>>(shift-63), 63
	}
	if mul < math.MaxUint64 {
		mul++ // never less than the rate: a token is not a nanosecond late
	}

	// To the nearest unit, because the true number is whole at 0: rounded
	// down, the least error of mul would tell in the times before the epoch.
	half := uint64(1) << (shift - 1)
	s := supply{mul: mul, off: half, rest: half, shift: uint8(shift), token: 1 << frac}
	s.last = s.when(maxUnits) - 1
	return s
}

// ratio returns tokens a nanosecond as num/den*2^exp.
func ratio(r Limit, room int64) (num, den uint64, exp int) {
	if most := float64(min(max(room, minPerNano), maxPerNano)); float64(r) >= most*nanosPerSecond {
		return uint64(most), 1, 0
	}
	interval := nanosPerSecond / float64(r)
	for num := range uint64(maxWhole) {
		num++
		nanos := interval * float64(num)
		if whole := math.Round(nanos); whole >= 1 && whole < 1<<62 && math.Abs(nanos-whole) <= whole*0x1p-51 {
			return num, uint64(whole), 0
		}
	}
	mantissa, exp := math.Frexp(float64(r))
	return uint64(mantissa * (1 << 53)), nanosPerSecond, exp - 53
}

// exact reports whether a nanosecond brings a whole number of units.
func (s *supply) exact() bool { return s.rest == 0 }

// at returns how many units have come in until now.
func (s *supply) at(now int64) int64 {
	hi, lo := bits.Mul64(uint64(now), s.mul)
	hi -= s.mul & uint64(now>>63) // now is signed
	lo, carry := bits.Add64(lo, s.off, 0)
	hi += carry
	return int64(hi<<(-s.shift&63) | lo>>(s.shift&63))
}

// when returns the first nanosecond at which units have come in;
// math.MaxInt64 if that is never, or out of range.
func (s *supply) when(units int64) int64 {
	if units <= 0 {
		hi, lo := shl(uint64(-units), s.shift)
		lo, carry := bits.Add64(lo, s.off, 0)
		if hi += carry; hi >= s.mul {
			return math.MinInt64
		}
		q, _ := bits.Div64(hi, lo, s.mul)
		return -int64(min(q, math.MaxInt64))
	}
	hi, lo := shl(uint64(units), s.shift)
	lo, borrow := bits.Sub64(lo, s.off, 0)
	if hi -= borrow; hi >= s.mul {
		return math.MaxInt64
	}
	q, rest := bits.Div64(hi, lo, s.mul)
	if q >= math.MaxInt64 {
		return math.MaxInt64
	}
	if rest != 0 {
		q++
	}
	return int64(q)
}

// cost returns how many units n tokens are, at most maxUnits.
func (s *supply) cost(n int) int64 {
	hi, lo := bits.Mul64(uint64(n), uint64(s.token))
	if hi != 0 || lo > maxUnits {
		return maxUnits / s.token * s.token
	}
	return int64(lo)
}

// tokens returns how many tokens the units are. If they are not exact, the last
// bits, which are less than a nanosecond, are left out: they hold what rounding
// left there.
func (s *supply) tokens(units int64) float64 {
	if !s.exact() {
		units &^= min(s.token, 8) - 1
	}
	return float64(units) / float64(s.token)
}

// shl returns x<<by in 128 bits, for by of 1 to 63.
func shl(x uint64, by uint8) (hi, lo uint64) { return x >> (64 - by), x << by }
