// The generated Go client of ApsaraVideo Live against an emulator: one JSON line per call on stdout.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/live"
)

func tell(name string, answer any, err error) {
	if err != nil {
		failure := map[string]any{"message": err.Error()}
		if server, ok := err.(errors.Error); ok {
			failure = map[string]any{"code": server.ErrorCode(), "status": server.HttpStatus(), "message": server.Message()}
			if full, ok := err.(*errors.ServerError); ok {
				failure["recommend"] = full.Recommend()
			}
		}
		answer = failure
	}
	line, _ := json.Marshal(map[string]any{name: answer})
	fmt.Println(string(line))
}

func main() {
	endpoint, bucket, secret, start, end := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	client, err := live.NewClientWithAccessKey("cn-hangzhou", "emulator-ak", secret)
	if err != nil {
		panic(err)
	}

	add := live.CreateAddLiveAppRecordConfigRequest()
	add.Domain, add.Scheme = endpoint, "HTTP"
	add.DomainName, add.AppName, add.OssBucket, add.OssEndpoint = "example.com", "*", bucket, endpoint
	add.RecordFormat = &[]live.AddLiveAppRecordConfigRecordFormat{{
		Format: "m3u8", SliceDuration: "5",
		OssObjectPrefix:      "{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}",
		SliceOssObjectPrefix: "{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}",
	}}
	added, err := client.AddLiveAppRecordConfig(add)
	tell("add", added, err)

	describe := live.CreateDescribeLiveRecordConfigRequest()
	describe.Domain, describe.Scheme, describe.DomainName = endpoint, "HTTP", "example.com"
	described, err := client.DescribeLiveRecordConfig(describe)
	tell("describe", described, err)

	online := live.CreateDescribeLiveStreamsOnlineListRequest()
	online.Domain, online.Scheme, online.DomainName = endpoint, "HTTP", "example.com"
	listed, err := client.DescribeLiveStreamsOnlineList(online)
	tell("online", listed, err)

	create := live.CreateCreateLiveStreamRecordIndexFilesRequest()
	create.Domain, create.Scheme = endpoint, "HTTP"
	create.DomainName, create.AppName, create.StreamName = "example.com", "app", "none"
	create.OssBucket, create.OssEndpoint, create.OssObject = bucket, endpoint, "{AppName} 中.m3u8"
	create.StartTime, create.EndTime = start, end
	create.EndTimeIncluded = requests.NewBoolean(true)
	created, err := client.CreateLiveStreamRecordIndexFiles(create)
	tell("create", created, err)

	room := live.CreateCreateRoomRealTimeStreamAddressRequest()
	room.Domain, room.Scheme, room.AppId, room.ChannelId = endpoint, "HTTP", "app-1", "room"
	room.UserId, room.DisplayName, room.ExpireTime = "u1", "Zoë 门", requests.NewInteger(60)
	address, err := client.CreateRoomRealTimeStreamAddress(room)
	tell("room", address, err)

	participants := live.CreateDescribeChannelParticipantsRequest()
	participants.Domain, participants.Scheme = endpoint, "HTTP"
	participants.AppId, participants.ChannelId = "app-1", "room"
	there, err := client.DescribeChannelParticipants(participants)
	tell("participants", there, err)

	users := live.CreateDescribeChannelUsersRequest()
	users.Domain, users.Scheme, users.AppId, users.ChannelId = endpoint, "HTTP", "app-1", "room"
	who, err := client.DescribeChannelUsers(users)
	tell("users", who, err)

	remove := live.CreateRemoveTerminalsRequest()
	remove.Domain, remove.Scheme, remove.AppId, remove.ChannelId = endpoint, "HTTP", "app-1", "room"
	remove.TerminalIds = &[]string{"u1", "u2"}
	removed, err := client.RemoveTerminals(remove)
	tell("removed", removed, err)
}
