package livechannel

import (
	"testing"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

func TestChannelIsIdleUntilSomebodyPushes(t *testing.T) {
	emulator := Start(t)
	client, err := oss.New(emulator.Endpoint, emulator.AccessKeyID, emulator.AccessKeySecret)
	if err != nil {
		t.Fatal(err)
	}
	bucket, err := client.Bucket(emulator.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bucket.CreateLiveChannel("cam", oss.LiveChannelConfiguration{Target: oss.LiveChannelTarget{Type: "HLS"}}); err != nil {
		t.Fatal(err)
	}
	stat, err := bucket.GetLiveChannelStat("cam")
	if err != nil {
		t.Fatal(err)
	}
	if stat.Status != "Idle" {
		t.Errorf("the channel is %s", stat.Status)
	}
}

func TestClockIsMoved(t *testing.T) {
	emulator := Start(t)
	if answer := emulator.Control(t, "/clock/advance", map[string]int{"ms": 60_000}); len(answer) == 0 {
		t.Error("no answer")
	}
}
