// Package emulator runs the OSS LiveChannel emulator in a container.
package emulator

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// REST, playback and RTMP.
const port = "9000/tcp"

// Start runs an emulator until the end of the test, and returns its endpoint for SDKs. The signed RTMP URLs that they make from it
// have the same port.
func Start(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	container, err := testcontainers.Run(ctx, image(),
		testcontainers.WithExposedPorts(port),
		// The tests are another machine for what is in the container.
		testcontainers.WithEnv(map[string]string{
			"OSS_LIVECHANNEL_ADMIN_ANYWHERE": "true",
			"OSS_LIVECHANNEL_MEMORY":         "true",
		}),
		testcontainers.WithWaitStrategy(wait.ForHTTP("/_emulator/health").WithPort(port)),
	)
	testcontainers.CleanupContainer(t, container)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := container.PortEndpoint(ctx, port, "http")
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}

// Reset takes an emulator back to how it was started.
func Reset(t *testing.T, endpoint string) {
	t.Helper()
	answer, err := http.Post(endpoint+"/_emulator/reset", "application/json", nil)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("the reset was refused: %s", answer.Status)
	}
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
}

// From `docker build -t oss-livechannel .` in a clone of the emulator.
func image() string {
	if name, ok := os.LookupEnv("OSS_LIVECHANNEL_IMAGE"); ok {
		return name
	}
	return "oss-livechannel"
}
