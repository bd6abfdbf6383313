package main

import (
	"errors"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

type snapshot struct {
	RoleName    string `json:"roleName"`
	DestBucket  string `json:"destBucket"`
	NotifyTopic string `json:"notifyTopic"`
	IntervalSec int    `json:"intervalSec"`
}

func configurationOf(args arguments) oss.LiveChannelConfiguration {
	configuration := oss.LiveChannelConfiguration{
		Description: args.Description,
		Status:      args.Status,
		Target: oss.LiveChannelTarget{
			Type:         "HLS",
			FragDuration: args.FragDurationSec,
			FragCount:    args.FragCount,
			PlaylistName: args.PlaylistName,
		},
	}
	if args.Type != nil {
		configuration.Target.Type = *args.Type
	}
	if args.Snapshot != nil {
		configuration.Snapshot = &oss.LiveChannelSnapshot{
			RoleName:    args.Snapshot.RoleName,
			DestBucket:  args.Snapshot.DestBucket,
			NotifyTopic: args.Snapshot.NotifyTopic,
			Interval:    args.Snapshot.IntervalSec,
		}
	}
	return configuration
}

func listOptions(args arguments) []oss.Option {
	options := []oss.Option{oss.Prefix(args.Prefix), oss.Marker(args.Marker)}
	if args.MaxKeys != nil {
		options = append(options, oss.MaxKeys(*args.MaxKeys))
	}
	return options
}

func infoOf(result oss.LiveChannelConfiguration) map[string]any {
	info := map[string]any{
		"description":     result.Description,
		"status":          result.Status,
		"type":            result.Target.Type,
		"fragDurationSec": result.Target.FragDuration,
		"fragCount":       result.Target.FragCount,
		"playlistName":    result.Target.PlaylistName,
	}
	if made := result.Snapshot; made != nil {
		info["snapshot"] = snapshot{made.RoleName, made.DestBucket, made.NotifyTopic, made.Interval}
	}
	return info
}

// statOf leaves out what the library left at its zero value because the answer did not have it.
func statOf(result oss.LiveChannelStat) map[string]any {
	stat := map[string]any{"status": result.Status}
	if !result.ConnectedTime.IsZero() {
		stat["connectedSec"] = result.ConnectedTime.Unix()
		stat["remoteAddr"] = result.RemoteAddr
	}
	if result.Video != (oss.LiveChannelVideo{}) {
		stat["video"] = map[string]any{
			"width":     result.Video.Width,
			"height":    result.Video.Height,
			"frameRate": result.Video.FrameRate,
			"bandwidth": result.Video.Bandwidth,
		}
	}
	if result.Audio != (oss.LiveChannelAudio{}) {
		stat["audio"] = map[string]any{
			"bandwidth":  result.Audio.Bandwidth,
			"sampleRate": result.Audio.SampleRate,
			"codec":      result.Audio.Codec,
		}
	}
	return stat
}

func historyOf(result oss.LiveChannelHistory) []map[string]any {
	records := []map[string]any{}
	for _, record := range result.Record {
		records = append(records, map[string]any{
			"startSec":   record.StartTime.Unix(),
			"endSec":     record.EndTime.Unix(),
			"remoteAddr": record.RemoteAddr,
		})
	}
	return records
}

func pageOf(result oss.ListLiveChannelResult) map[string]any {
	channels := []map[string]any{}
	for _, channel := range result.LiveChannel {
		channels = append(channels, map[string]any{
			"name":            channel.Name,
			"description":     channel.Description,
			"status":          channel.Status,
			"lastModifiedSec": channel.LastModified.Unix(),
			"publishUrls":     channel.PublishUrls,
			"playUrls":        channel.PlayUrls,
		})
	}
	return map[string]any{
		"prefix":      result.Prefix,
		"marker":      result.Marker,
		"maxKeys":     result.MaxKeys,
		"isTruncated": result.IsTruncated,
		"nextMarker":  result.NextMarker,
		"channels":    channels,
	}
}

// explain tells what the service said, or only the words of a refusal by the library itself.
func explain(err error) map[string]any {
	var refused oss.ServiceError
	if errors.As(err, &refused) {
		return map[string]any{
			"message":   refused.Message,
			"code":      refused.Code,
			"status":    refused.StatusCode,
			"ec":        refused.Ec,
			"requestId": refused.RequestID,
		}
	}
	return map[string]any{"message": err.Error()}
}
