package clients

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestAWS(t *testing.T) { each(t, awsS3) }

var awsS3 = client{
	name: "aws-sdk-go-v2, S3", module: "github.com/aws/aws-sdk-go-v2/service/s3",
	host: "bucket.s3.eu-central-1.amazonaws.com", pattern: "GET /object", reply: s3Object,
	escapes: true,
	usual: func() ask {
		return object(s3.New(s3.Options{
			Region:           "eu-central-1",
			Credentials:      aws.AnonymousCredentials{},
			RetryMaxAttempts: 1,
		}))
	},
	hooked: func() ask {
		return object(s3.New(s3.Options{
			Region:      "eu-central-1",
			Credentials: aws.AnonymousCredentials{},
			HTTPClient:  httpx.Client(), // the hook
		}))
	},
}

func object(c *s3.Client) ask {
	return func(ctx context.Context) (string, error) {
		object, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("object")})
		if err != nil {
			return "", err
		}
		defer object.Body.Close()
		b, err := io.ReadAll(object.Body)
		return string(b), err
	}
}

func s3Object(content string) http.Handler { return httpxtest.Text(200, content) }
