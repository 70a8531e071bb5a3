package histogram

// What the tests of the layout look at.
var (
	BucketOf = bucketOf
	ValueOf  = valueOf
)

const Buckets = buckets
