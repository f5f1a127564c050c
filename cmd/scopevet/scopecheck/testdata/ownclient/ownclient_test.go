package ownclient

import (
	"net/http"
	"testing"
)

func TestOwn(t *testing.T) {
	fake(t)
	_ = &http.Client{Transport: &http.Transport{}} // a test knows what it does
}
