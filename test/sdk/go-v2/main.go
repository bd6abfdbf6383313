// The second Go library behind the interface of the suites: lines of JSON in, one call each, lines of JSON out. It has no
// functions for live channels: they go through InvokeOperation, as its documentation says for such operations.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"log"
	"os"
	"strconv"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"
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
	Key             string
}

type client struct {
	service *oss.Client
	bucket  string
}

type parameters map[string]string

// Those that are signed with V1.
var subResources = []string{"live", "status", "comp", "vod", "startTime", "endTime"}

func main() {
	endpoint := flag.String("endpoint", "", "")
	auth := flag.String("auth", "", "")
	style := flag.String("style", "", "")
	bucket := flag.String("bucket", "", "")
	key := flag.String("key", "", "")
	secret := flag.String("secret", "", "")
	region := flag.String("region", "", "")
	flag.Parse()
	versions := map[string]oss.SignatureVersionType{"V1": oss.SignatureVersionV1, "V4": oss.SignatureVersionV4}
	config := oss.LoadDefaultConfig().
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider(*key, *secret)).
		WithEndpoint(*endpoint).WithRegion(*region).WithSignatureVersion(versions[*auth]).
		WithUseCName(*style == "cname").WithUsePathStyle(*style == "path")
	converse(client{oss.NewClient(config), *bucket})
}

func converse(client client) {
	out := json.NewEncoder(os.Stdout)
	say(out, map[string]any{"client": "alibabacloud-oss-go-sdk-v2", "version": oss.Version()})
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

// explain tells what the service said, or only the words of a refusal by the library itself.
func explain(err error) any {
	var refused *oss.ServiceError
	if !errors.As(err, &refused) {
		return map[string]any{"message": err.Error()}
	}
	return map[string]any{
		"message":   refused.Message,
		"code":      refused.Code,
		"status":    refused.StatusCode,
		"ec":        refused.EC,
		"requestId": refused.RequestID,
	}
}

func (c client) do(step string, args arguments) (any, error) {
	switch step {
	case "putBucket":
		_, err := c.service.PutBucket(context.Background(), &oss.PutBucketRequest{Bucket: &c.bucket, Acl: oss.BucketACLType(args.Acl)})
		return nil, err
	case "deleteBucket":
		_, err := c.service.DeleteBucket(context.Background(), &oss.DeleteBucketRequest{Bucket: &c.bucket})
		return nil, err
	case "create":
		return c.create(args)
	case "info":
		var info configuration
		return &info, c.read("GetLiveChannelInfo", args.Channel, parameters{"live": ""}, &info)
	case "setStatus":
		_, err := c.invoke("PutLiveChannelStatus", "PUT", args.Channel, parameters{"live": "", "status": args.Status}, nil)
		return nil, err
	case "stat":
		return c.stat(args.Channel)
	case "history":
		return c.history(args.Channel)
	case "list":
		return c.list(args)
	case "names":
		return c.names(args)
	case "postVod":
		_, err := c.invoke("PostVodPlaylist", "POST", args.Channel+"/"+args.PlaylistName, vodRange(args), nil)
		return nil, err
	case "getVod":
		text, err := c.invoke("GetVodPlaylist", "GET", args.Channel, vodRange(args), nil)
		return string(text), err
	case "delete":
		_, err := c.invoke("DeleteLiveChannel", "DELETE", args.Channel, parameters{"live": ""}, nil)
		return nil, err
	case "objects":
		return c.objects(args.Key)
	}
	log.Fatalf("no step %q", step)
	return nil, nil
}

func vodRange(args arguments) parameters {
	start, end := strconv.FormatInt(args.StartSec, 10), strconv.FormatInt(args.EndSec, 10)
	return parameters{"vod": "", "startTime": start, "endTime": end}
}

// invoke calls an operation of the bucket, or of what key names in it, and returns the body of the answer.
func (c client) invoke(name, method, key string, query parameters, body []byte) ([]byte, error) {
	input := &oss.OperationInput{OpName: name, Method: method, Bucket: &c.bucket, Parameters: query}
	if key != "" {
		input.Key = &key
	}
	if body != nil {
		input.Body = bytes.NewReader(body)
		input.Headers = map[string]string{"Content-Type": "application/xml"}
	}
	input.OpMetadata.Set(signer.SubResource, subResources)
	output, err := c.service.InvokeOperation(context.Background(), input)
	if err != nil {
		return nil, err
	}
	defer output.Body.Close()
	return io.ReadAll(output.Body)
}

// read gets a document into result.
func (c client) read(name, key string, query parameters, result any) error {
	body, err := c.invoke(name, "GET", key, query, nil)
	if err != nil {
		return err
	}
	return xml.Unmarshal(body, result)
}

func (c client) create(args arguments) (any, error) {
	wanted := configuration{
		Description: args.Description, Status: args.Status, Type: "HLS", FragDuration: args.FragDurationSec,
		FragCount: args.FragCount, PlaylistName: args.PlaylistName, Snapshot: args.Snapshot,
	}
	if args.Type != nil {
		wanted.Type = *args.Type
	}
	body, err := xml.Marshal(wanted)
	if err != nil {
		return nil, err
	}
	answer, err := c.invoke("PutLiveChannel", "PUT", args.Channel, parameters{"live": ""}, body)
	if err != nil {
		return nil, err
	}
	var result urls
	return &result, xml.Unmarshal(answer, &result)
}

func (c client) stat(channel string) (any, error) {
	var stat liveChannelStat
	err := c.read("GetLiveChannelStat", channel, parameters{"live": "", "comp": "stat"}, &stat)
	if !stat.ConnectedTime.IsZero() {
		stat.ConnectedSec = stat.ConnectedTime.Unix()
	}
	return stat, err
}

func (c client) history(channel string) (any, error) {
	var history liveChannelHistory
	err := c.read("GetLiveChannelHistory", channel, parameters{"live": "", "comp": "history"}, &history)
	records := []liveRecord{}
	for _, record := range history.Records {
		record.StartSec, record.EndSec = record.StartTime.Unix(), record.EndTime.Unix()
		records = append(records, record)
	}
	return records, err
}

func (c client) list(args arguments) (channelPage, error) {
	query := parameters{"live": "", "prefix": args.Prefix, "marker": args.Marker}
	if args.MaxKeys != nil {
		query["max-keys"] = strconv.Itoa(*args.MaxKeys)
	}
	var page channelPage
	err := c.read("ListLiveChannel", "", query, &page)
	for index := range page.Channels {
		page.Channels[index].LastModifiedSec = page.Channels[index].LastModified.Unix()
	}
	return page, err
}

func (c client) names(args arguments) (any, error) {
	names := []string{}
	for {
		page, err := c.list(args)
		if err != nil {
			return nil, err
		}
		for _, channel := range page.Channels {
			names = append(names, channel.Name)
		}
		if !page.IsTruncated {
			return names, nil
		}
		args.Marker = page.NextMarker
	}
}
