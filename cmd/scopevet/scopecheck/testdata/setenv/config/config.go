// Package config reads variables through package env, and some otherwise too.
package config

import (
	"context"
	"os"
	"strconv"

	"github.com/scopetree/scope/env"
)

const nameOfPort = "APP_PORT"

var Retries = env.NewKey("APP_RETRIES", strconv.Atoi, 1)

func Port(ctx context.Context) string { return env.Get(ctx, nameOfPort) }

func Region() string { return env.Getenv("APP_REGION") }

func Debug(ctx context.Context) bool { _, ok := env.Lookup(ctx, "APP_DEBUG"); return ok }

func Zone(ctx context.Context) string { return env.In(ctx).Getenv("APP_ZONE") }

// Home is read both ways.
func Home() string { return env.Getenv("APP_HOME") + os.Getenv("APP_HOME") }

func Named(name string) string { return env.Getenv(name) }
