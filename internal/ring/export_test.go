package ring

// NearWrap makes a ring whose positions wrap after n more pushes.
func NearWrap[T any](limit int, n uint64) *Ring[T] { return newAt[T](limit, posMask+1-n) }
