// Package verdict finds out what comes of a rule that may do anything: pass,
// fail, hang, panic, or end the goroutine that it runs on. The suites of rules
// that users run against code of their own are made with it.
package verdict
