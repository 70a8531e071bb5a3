package doccode

const module = "github.com/thence-go/thence/"

// paths are the packages that code on a page may name without importing them.
var paths = map[string]string{
	"bufio":    "bufio",
	"context":  "context",
	"errors":   "errors",
	"fmt":      "fmt",
	"http":     "net/http",
	"io":       "io",
	"iter":     "iter",
	"log":      "log",
	"os":       "os",
	"runtime":  "runtime",
	"signal":   "os/signal",
	"slices":   "slices",
	"slog":     "log/slog",
	"strconv":  "strconv",
	"strings":  "strings",
	"sync":     "sync",
	"synctest": "testing/synctest",
	"testing":  "testing",
	"time":     "time",

	"errgroup":     module + "errgroup",
	"future":       module + "future",
	"pipeline":     module + "pipeline",
	"pipelinetest": module + "pipeline/pipelinetest",
	"pool":         module + "pool",
	"rate":         module + "ratelimit",
	"ratelimit":    module + "ratelimit",

	"require": "github.com/stretchr/testify/require",
}

// others are the packages that code may name after a comment that says so.
var others = []string{
	"github.com/alitto/pond/v2",
	"github.com/panjf2000/ants/v2",
	"github.com/sourcegraph/conc/pool",
	"github.com/sourcegraph/conc/stream",
	"golang.org/x/sync/errgroup",
	"golang.org/x/sync/semaphore",
	"golang.org/x/sync/singleflight",
	"golang.org/x/time/rate",
}
