// Package doccode holds that the Go code in the README and in docs compiles.
//
// A block of code may be a whole file, declarations, or statements. What it
// names without declaring it, the page declares for it in a comment that
// readers do not see, which holds from there to the next heading of level 1:
//
//	<!-- code
//	var ctx context.Context
//	func price(ctx context.Context, url string) (int, error)
//	-->
//
// Packages are imported as they are named. Where a name is to mean another
// package, as in code that is about to be changed, the comment
//
//	<!-- with errgroup golang.org/x/sync/errgroup -->
//
// comes before the block. A block after <!-- go1.27 --> is
// looked at under that toolchain and later ones only; a block after <!-- not
// code --> is not looked at, and should be rare.
//
// It lives in this module since the pages show other libraries, too.
package doccode
