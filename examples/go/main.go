// The life of a channel with aliyun-oss-go-sdk. Run it against any emulator:
//
//	npx oss-livechannel-emulator exec -- go run .
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

func main() {
	client, err := oss.New(
		env("OSS_ENDPOINT", "http://127.0.0.1:9000"),
		env("OSS_ACCESS_KEY_ID", "emulator-ak"),
		env("OSS_ACCESS_KEY_SECRET", "emulator-secret"),
	)
	check(err)
	bucket, err := client.Bucket(env("OSS_BUCKET", "examplebucket"))
	check(err)

	created, err := bucket.CreateLiveChannel("go-cam", oss.LiveChannelConfiguration{
		Description: "from Go",
		Target:      oss.LiveChannelTarget{Type: "HLS", FragDuration: 5, FragCount: 3, PlaylistName: "playlist.m3u8"},
	})
	check(err)
	url, err := bucket.SignRtmpURL("go-cam", "playlist.m3u8", 3600)
	check(err)
	fmt.Println("push to", url)
	fmt.Println("play at", created.PlayUrls[0])
	stat, err := bucket.GetLiveChannelStat("go-cam")
	check(err)
	fmt.Println("status ", stat.Status)
	check(bucket.DeleteLiveChannel("go-cam"))
}

func env(name, otherwise string) string {
	if value, ok := os.LookupEnv(name); ok {
		return value
	}
	return otherwise
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
