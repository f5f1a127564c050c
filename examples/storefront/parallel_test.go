package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lanes is how many tests run at once. They mostly wait for their services, so there can be more of them than
// processors.
const lanes = 16

// A comparison has the times of the suite, run one test after another and in parallel.
type comparison struct {
	Serial, Parallel []span
	err              error
}

// compare runs the suites once in a process, even if the tests run several times.
var compare = sync.OnceValue(func() (c comparison) {
	if c.Serial, c.err = runSuite(1); c.err == nil {
		c.Parallel, c.err = runSuite(lanes)
	}
	return c
})

// This test is the only one that is not parallel. Nothing else runs while it measures.
func TestParallelIsFaster(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	c := compare()
	require.NoError(t, c.err)
	require.Len(t, c.Parallel, len(c.Serial))

	serial, parallel := total(c.Serial), total(c.Parallel)
	fmt.Printf("%d tests, 20 ms of latency in each fake: -parallel 1 takes %.1f s, -parallel %d takes %.1f s, which is %.1f times as fast\n",
		len(c.Serial), serial.Seconds(), lanes, parallel.Seconds(), serial.Seconds()/parallel.Seconds())

	assert.Less(t, parallel, serial*2/3, "on a busy machine too, and with the race detector")
	if *update {
		require.NoError(t, os.WriteFile("../../docs/storefront.svg", picture(c), 0o644))
	}
}

// runSuite runs the tests that open a store, in a process of their own and parallel of them at once. It returns when
// each test ran.
func runSuite(parallel int) ([]span, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "storefront")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "times")
	cmd := exec.Command(program, fmt.Sprint("-test.parallel=", parallel), "-test.count=1",
		"-test.skip=^Test(ParallelIsFaster|TheShopRunsOnPostgres|ABrowser|ThePageFits|Program)")
	cmd.Env = append(os.Environ(), "STOREFRONT_LATENCY=20ms", "STOREFRONT_TIMES="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the suite with -parallel %d: %w\n%s", parallel, err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var spans []span
	return spans, json.Unmarshal(b, &spans)
}

// total returns the time from the start of the first test to the end of the last.
func total(spans []span) time.Duration {
	began, end := spans[0].Began, spans[0].End
	for _, s := range spans {
		began, end = min(began, s.Began), max(end, s.End)
	}
	return end - began
}
