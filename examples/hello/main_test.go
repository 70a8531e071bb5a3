package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func Example() {
	main()
	// Output: 61 <nil>
}

// The README shows this program, to the letter, and what it prints.
func TestREADMEShowsThisProgram(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	program, err := os.ReadFile("main.go")
	require.NoError(t, err)
	_, body, _ := strings.Cut(string(program), "\nfunc main() {\n")
	require.Contains(t, string(readme), body)
	require.Contains(t, string(readme), "61 <nil>")
}
