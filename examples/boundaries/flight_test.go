package boundaries

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
)

// findTogether looks the same id up in Ada's test and in Grace's, through find.
// Grace's lookup starts while Ada's is under way, and the answer to Ada's comes
// after that.
func findTogether(t *testing.T, find func(*Directory, context.Context, string) (string, error)) (forAda, forGrace string) {
	synctest.Test(t, func(t *testing.T) {
		ada, grace, _ := adaAndGrace(t)
		answer := make(chan struct{})
		directory := &Directory{Lookup: func(ctx context.Context, id string) (string, error) {
			<-answer
			return scope.Get(ctx, Customer) + "'s " + id, nil
		}}
		ask := func(ctx context.Context) <-chan string {
			got := make(chan string, 1)
			scope.Go(ctx, func(ctx context.Context) {
				v, err := find(directory, ctx, "octocat")
				assert.NoError(t, err)
				got <- v
			})
			synctest.Wait() // until it waits for the answer, or for the lookup that does
			return got
		}

		a, g := ask(ada), ask(grace)
		close(answer)
		forAda, forGrace = <-a, <-g
	})
	return forAda, forGrace
}

func TestASharedFlightAnswersInTheLeadersScope(t *testing.T) {
	t.Parallel()
	forAda, forGrace := findTogether(t, (*Directory).FindWrong)
	assert.Equal(t, "ada's octocat", forAda)
	assert.Equal(t, "ada's octocat", forGrace) // Grace's own lookup was never made
}

func TestAFlightKeyedByTheScopesValueAnswersEach(t *testing.T) {
	t.Parallel()
	forAda, forGrace := findTogether(t, (*Directory).Find)
	assert.Equal(t, "ada's octocat", forAda)
	assert.Equal(t, "grace's octocat", forGrace)
}

func TestAGroupForEachScopeAnswersEach(t *testing.T) {
	t.Parallel()
	forAda, forGrace := findTogether(t, (*Directory).FindInScope)
	assert.Equal(t, "ada's octocat", forAda)
	assert.Equal(t, "grace's octocat", forGrace)
}
