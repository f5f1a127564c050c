package clients

import (
	"context"
	"net/http"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestKubernetes(t *testing.T) { each(t, clientGo) }

func TestKubernetesWithTLSOptions(t *testing.T) { each(t, clientGoCA) }

var clientGo = client{
	name: "client-go", module: "k8s.io/client-go",
	host: "kubernetes.default.svc", pattern: "GET /api/v1/namespaces/default", reply: kubernetesNamespace,
	usual: func() ask {
		return namespace(plain())
	},
	hooked: func() ask {
		config := plain()
		config.Wrap(httpx.Wrap) // the hook
		return namespace(config)
	},
}

// In a cluster and with most kubeconfig files there are TLS options: the
// cluster's authority, a client's certificate.
var clientGoCA = client{
	name: "client-go, with TLS options", module: "k8s.io/client-go",
	host: "kubernetes.default.svc", pattern: "GET /api/v1/namespaces/default", reply: kubernetesNamespace,
	escapes: true,
	usual: func() ask {
		return namespace(withTLSOptions())
	},
	hooked: func() ask {
		config := withTLSOptions()
		config.Wrap(httpx.Wrap) // the hook
		return namespace(config)
	},
}

func plain() *rest.Config {
	return &rest.Config{
		Host: "https://kubernetes.default.svc",
		QPS:  -1, // twenty tests at once are more than a client may ask by default
	}
}

func withTLSOptions() *rest.Config {
	config := plain()
	config.TLSClientConfig = rest.TLSClientConfig{ServerName: "kubernetes"}
	return config
}

func namespace(config *rest.Config) ask {
	namespaces := must(dynamic.NewForConfig(config)).Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"})
	return func(ctx context.Context) (string, error) {
		namespace, err := namespaces.Get(ctx, "default", metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		return namespace.GetLabels()["owner"], nil
	}
}

func kubernetesNamespace(owner string) http.Handler {
	metadata := map[string]any{"name": "default", "labels": map[string]string{"owner": owner}}
	return httpxtest.JSON(200, map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
}
