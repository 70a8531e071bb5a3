package ratelimit

import (
	"math/big"
	"math/bits"
	"time"
)

// longest is about 30 years: a period in units stays within 61 bits.
const longest = 30 * 365 * 24 * time.Hour

// A curve is how the interval of a WarmUp depends on how cold it is. All is in
// units of time, a whole number of them to a nanosecond and, if that can be, to
// an interval of the full rate.
//
// Cold is counted in the time that it takes to cool: it goes up by the time
// that is idle, and down by step for each event. With
//
//	interval(cold) = full + (factor-1) * full * cold/period
//	step           = full * (1+factor)/2
//
// n events from cold a to cold b take the integral of interval over events:
//
//	n*full + slope * (a*a - b*b)/period,  slope = (factor-1)/(factor+1)
//
// That holds as well if the last of them is at the full rate in part, with a b
// of 0. From a period to 0 it is a period, as it should.
type curve struct {
	unit   uint64 // units of a nanosecond
	full   uint64
	step   uint64
	period uint64
	slope  uint64 // times 2^64
	factor float64
}

// moment is a time in nanoseconds and units.
type moment struct {
	nanos int64
	units uint64 // less than a nanosecond
}

// ceil returns the first whole nanosecond.
func (m moment) ceil() int64 {
	if m.units > 0 && m.nanos < never {
		return m.nanos + 1
	}
	return m.nanos
}

func newCurve(r Limit, period time.Duration, factor float64) curve {
	const most = 1 << 61
	f := new(big.Rat).SetFloat64(factor)
	plus := new(big.Rat).Add(f, big.NewRat(1, 1))
	full := new(big.Rat).Quo(big.NewRat(nanosPerSecond, 1), new(big.Rat).SetFloat64(float64(r)))
	num, den, exp := ratio(r, 1)
	if exp == 0 && float64(r) < minPerNano*nanosPerSecond {
		full = new(big.Rat).SetFrac(new(big.Int).SetUint64(den), new(big.Int).SetUint64(num))
	} else {
		num = 1
	}
	step := new(big.Rat).Mul(full, plus)
	step.Quo(step, big.NewRat(2, 1))

	// As fine as the longest of the times allows, which is kept in units.
	room := new(big.Rat).Quo(big.NewRat(most, 1), maxRat(step, big.NewRat(int64(period), 1)))
	finest := new(big.Int).Quo(room.Num(), room.Denom()).Uint64() // at least 2
	if finest < num {
		num = 1
	}
	unit := num << (bits.Len64(finest/num) - 1)

	slope := new(big.Rat).Sub(f, big.NewRat(1, 1))
	slope.Quo(slope, plus)
	c := curve{unit: unit, factor: factor, period: uint64(period) * unit}
	c.full = max(rounded(full, unit), 1)
	c.step = max(rounded(step, unit), 1)
	scaled := new(big.Int).Lsh(slope.Num(), 64)
	c.slope = scaled.Quo(scaled, slope.Denom()).Uint64()
	return c
}

func maxRat(x, y *big.Rat) *big.Rat {
	if x.Cmp(y) < 0 {
		return y
	}
	return x
}

// rounded returns x times unit, to the nearest.
func rounded(x *big.Rat, unit uint64) uint64 {
	y := new(big.Rat).SetInt(new(big.Int).SetUint64(unit))
	y.Mul(y, x)
	y.Add(y, big.NewRat(1, 2))
	return new(big.Int).Quo(y.Num(), y.Denom()).Uint64()
}

// extra returns how much longer than at the full rate it takes from a cold to
// none. It is rounded for itself, so that the steps of a way add up to it: no
// error grows with their number.
func (c *curve) extra(cold uint64) uint64 {
	hi, lo := bits.Mul64(cold, cold)
	q, _ := bits.Div64(hi, lo, c.period)
	x, _ := bits.Mul64(q, c.slope)
	return x
}

// warm returns the cold after n events.
func (c *curve) warm(cold, n uint64) uint64 {
	hi, down := bits.Mul64(n, c.step)
	if hi != 0 || down >= cold {
		return 0
	}
	return cold - down
}

// cool returns the cold at now, if nothing has happened since then.
func (c *curve) cool(cold uint64, since moment, now int64) uint64 {
	idle := uint64(now) - uint64(since.nanos)
	if idle > c.period/c.unit {
		return c.period
	}
	return min(c.period, cold+idle*c.unit-min(since.units, idle*c.unit))
}

// after returns when n events from a cold have been paid for, from t on; never
// if that is out of range.
func (c *curve) after(t moment, n, cold uint64) moment {
	hi, lo := bits.Mul64(n, c.full)
	lo, carry := bits.Add64(lo, c.extra(cold)-c.extra(c.warm(cold, n)), 0)
	lo, more := bits.Add64(lo, t.units, 0)
	if hi += carry + more; hi >= c.unit {
		return moment{nanos: never}
	}
	nanos, units := bits.Div64(hi, lo, c.unit)
	if t.nanos = later(t.nanos, nanos); t.nanos == never {
		units = 0
	}
	return moment{t.nanos, units}
}
