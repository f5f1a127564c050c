package main_test

import (
	"encoding/json"
	"os"
	"sync"
	"testing"
	"time"
)

// A span is the time in which a test ran, counted from the start of the process's tests.
type span struct {
	Test       string
	Began, End time.Duration
}

var times = struct {
	sync.Mutex
	began time.Time
	spans []span
}{began: time.Now()}

// took records the time from now until the end of the test.
func took(t *testing.T) {
	began := time.Since(times.began)
	t.Cleanup(func() {
		times.Lock()
		defer times.Unlock()
		times.spans = append(times.spans, span{t.Name(), began, time.Since(times.began)})
	})
}

// writeTimes writes the recorded times for TestParallelIsFaster, which runs in the process that
// started this one.
func writeTimes() error {
	file := os.Getenv("STOREFRONT_TIMES")
	if file == "" {
		return nil
	}
	b, err := json.Marshal(times.spans)
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o600)
}
