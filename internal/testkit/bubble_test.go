package testkit_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
)

func TestTwoBubblesRunsTwiceInVirtualTime(t *testing.T) {
	var starts []time.Time
	testkit.TwoBubbles(t, func(*testing.T) {
		starts = append(starts, time.Now())
		time.Sleep(time.Hour)
	})
	require.Len(t, starts, 2)
	require.Equal(t, starts[0], starts[1], "each bubble starts its own clock")
}

func TestEndsInVirtualTime(t *testing.T) {
	ended := false
	testkit.Ends(t, func(*testing.T) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			time.Sleep(time.Hour)
		}()
		<-done
		ended = true
	})
	require.True(t, ended)
}

// What these helpers are for cannot be seen in this process, since it ends
// the test: each case runs this binary again and reads what it says.
func TestHelpersFailLoudly(t *testing.T) {
	const env = "TESTKIT_VICTIM"
	var kept chan struct{}
	victims := map[string]struct {
		run  func(*testing.T)
		says string
	}{
		"hang": {
			run: func(t *testing.T) {
				testkit.Ends(t, func(*testing.T) { <-make(chan struct{}) })
			},
			says: "deadlock",
		},
		"goroutine left behind": {
			run: func(t *testing.T) {
				testkit.Ends(t, func(*testing.T) { go func() { select {} }() })
			},
			says: "blocked goroutines remain",
		},
		"channel that outlives its bubble": {
			run: func(t *testing.T) {
				testkit.TwoBubbles(t, func(*testing.T) {
					if kept == nil {
						kept = make(chan struct{}, 2)
					}
					kept <- struct{}{}
				})
			},
			says: "synctest channel from outside bubble",
		},
	}
	if name := os.Getenv(env); name != "" {
		victims[name].run(t)
		return
	}
	for name, victim := range victims {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestHelpersFailLoudly$", "-test.timeout=30s")
			cmd.Env = append(os.Environ(), env+"="+name)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "%s", out)
			require.Contains(t, string(out), victim.says)
			require.NotContains(t, string(out), "test timed out")
		})
	}
}
