// Package livechannel gives a test an emulator.
//
//	func TestUpload(t *testing.T) {
//		emulator := livechannel.Start(t)
//		client, err := oss.New(emulator.Endpoint, emulator.AccessKeyID, emulator.AccessKeySecret)
//		...
//	}
package livechannel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// Emulator is where an emulator is, and the key that signs.
type Emulator struct {
	Endpoint        string
	Bucket          string
	Region          string
	AccessKeyID     string
	AccessKeySecret string
}

var command = []string{
	"npx", "--yes", "oss-livechannel-emulator", "start", "--memory", "--port", "0", "--rtmp-port", "off",
	"--webrtc-port", "0", "--log-level", "error", "--json",
}

// Start returns the emulator that the environment names, after a reset, as below
// `npx oss-livechannel-emulator exec -- go test ./...`; without any, it starts one for this test and ends it with the test.
func Start(t testing.TB) *Emulator {
	t.Helper()
	if _, ok := os.LookupEnv("OSS_LIVECHANNEL_URL"); ok {
		emulator := fromEnvironment(os.Getenv)
		emulator.Control(t, "/reset", nil)
		return emulator
	}
	// In a group of its own, because npx is a process above the emulator.
	process := exec.Command(command[0], command[1:]...)
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	process.Stderr = os.Stderr
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatalf("npx of Node.js starts the emulator: %v", err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-process.Process.Pid, syscall.SIGTERM)
		_ = process.Wait()
	})
	// The first line is the answer: its addresses, as soon as they can be used.
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the emulator did not start; its output says why: %v", err)
	}
	var answer struct{ Environment map[string]string }
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatalf("the answer of the emulator: %v", err)
	}
	return fromEnvironment(func(name string) string { return answer.Environment[name] })
}

// Control posts a body to the control API, e.g. Control(t, "/clock/advance", map[string]int{"ms": 60000}), and returns the answer.
func (emulator *Emulator) Control(t testing.TB, path string, body any) []byte {
	t.Helper()
	document := []byte("{}")
	if body != nil {
		var err error
		if document, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	response, err := http.Post(emulator.Endpoint+"/_emulator"+path, "application/json", bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s", response.Status, answer)
	}
	if err != nil {
		t.Fatalf("%s of the control API: %v", path, err)
	}
	return answer
}

func fromEnvironment(value func(name string) string) *Emulator {
	return &Emulator{
		Endpoint:        value("OSS_LIVECHANNEL_URL"),
		Bucket:          value("OSS_BUCKET"),
		Region:          value("OSS_REGION"),
		AccessKeyID:     value("OSS_ACCESS_KEY_ID"),
		AccessKeySecret: value("OSS_ACCESS_KEY_SECRET"),
	}
}
