package config

import "sync"

var (
	URL   string
	mu    sync.Mutex
	cache = map[string]string{}
	once  sync.Once
	made  string
)

func SetURL(u string) { URL = u }

func Reset() { SetURL("") }

func Cached(k string) string {
	mu.Lock()
	defer mu.Unlock()
	cache[k] = k
	return cache[k]
}

func Made() string {
	once.Do(func() { made = "x" })
	return made
}

func Read() string { return URL }
