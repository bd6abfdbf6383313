// The Go library behind the interface of the suites: lines of JSON in, one call each, lines of JSON out.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"io"
	"log"
	"os"
	"time"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

// arguments of every step; what a step does not need is absent.
type arguments struct {
	Acl             string
	Channel         string
	Description     string
	Status          string
	Type            *string
	FragDurationSec int
	FragCount       int
	PlaylistName    string
	Snapshot        *snapshot
	Prefix          string
	Marker          string
	MaxKeys         *int
	StartSec        int64
	EndSec          int64
	ExpiresSec      int64
}

type client struct {
	service *oss.Client
	bucket  *oss.Bucket
}

func main() {
	endpoint := flag.String("endpoint", "", "")
	auth := flag.String("auth", "", "")
	style := flag.String("style", "", "")
	bucketName := flag.String("bucket", "", "")
	key := flag.String("key", "", "")
	secret := flag.String("secret", "", "")
	region := flag.String("region", "", "")
	flag.Parse()
	versions := map[string]oss.AuthVersionType{"V1": oss.AuthV1, "V2": oss.AuthV2, "V4": oss.AuthV4}
	service, err := oss.New(*endpoint, *key, *secret,
		oss.AuthVersion(versions[*auth]), oss.Region(*region),
		oss.ForcePathStyle(*style == "path"), oss.UseCname(*style == "cname"))
	if err != nil {
		log.Fatal(err)
	}
	bucket, err := service.Bucket(*bucketName)
	if err != nil {
		log.Fatal(err)
	}
	converse(client{service, bucket})
}

func converse(client client) {
	out := json.NewEncoder(os.Stdout)
	say(out, map[string]any{"client": "aliyun-oss-go-sdk", "version": oss.Version})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var request struct {
			Step string
			Args arguments
		}
		if err := json.Unmarshal(lines.Bytes(), &request); err != nil {
			log.Fatal(err)
		}
		detail, err := client.do(request.Step, request.Args)
		if err != nil {
			detail = explain(err)
		}
		say(out, map[string]any{"step": request.Step, "ok": err == nil, "detail": detail})
	}
}

func say(out *json.Encoder, message any) {
	if err := out.Encode(message); err != nil {
		log.Fatal(err)
	}
}

func (c client) do(step string, args arguments) (any, error) {
	switch step {
	case "putBucket":
		return nil, c.putBucket(args)
	case "deleteBucket":
		return nil, c.service.DeleteBucket(c.bucket.BucketName)
	case "create":
		result, err := c.bucket.CreateLiveChannel(args.Channel, configurationOf(args))
		return map[string]any{"publishUrls": result.PublishUrls, "playUrls": result.PlayUrls}, err
	case "info":
		result, err := c.bucket.GetLiveChannelInfo(args.Channel)
		return infoOf(result), err
	case "setStatus":
		return nil, c.bucket.PutLiveChannelStatus(args.Channel, args.Status)
	case "stat":
		result, err := c.bucket.GetLiveChannelStat(args.Channel)
		return statOf(result), err
	case "history":
		result, err := c.bucket.GetLiveChannelHistory(args.Channel)
		return historyOf(result), err
	case "list":
		result, err := c.bucket.ListLiveChannel(listOptions(args)...)
		return pageOf(result), err
	case "names":
		return c.names(args)
	case "postVod":
		return nil, c.bucket.PostVodPlaylist(args.Channel, args.PlaylistName, unix(args.StartSec), unix(args.EndSec))
	case "getVod":
		return c.getVod(args)
	case "delete":
		return nil, c.bucket.DeleteLiveChannel(args.Channel)
	case "signRtmpUrl":
		return c.bucket.SignRtmpURL(args.Channel, args.PlaylistName, args.ExpiresSec)
	}
	log.Fatalf("no step %q", step)
	return nil, nil
}

func (c client) putBucket(args arguments) error {
	if args.Acl == "" {
		return c.service.CreateBucket(c.bucket.BucketName)
	}
	return c.service.CreateBucket(c.bucket.BucketName, oss.ACL(oss.ACLType(args.Acl)))
}

// names lists page by page, as the documentation does.
func (c client) names(args arguments) (any, error) {
	names := []string{}
	for {
		page, err := c.bucket.ListLiveChannel(listOptions(args)...)
		if err != nil {
			return nil, err
		}
		for _, channel := range page.LiveChannel {
			names = append(names, channel.Name)
		}
		if !page.IsTruncated {
			return names, nil
		}
		args.Marker = page.NextMarker
	}
}

func (c client) getVod(args arguments) (any, error) {
	body, err := c.bucket.GetVodPlaylist(args.Channel, unix(args.StartSec), unix(args.EndSec))
	if err != nil {
		return nil, err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	return string(text), err
}

func unix(sec int64) time.Time {
	return time.Unix(sec, 0)
}
