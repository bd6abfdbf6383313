package main

import "time"

type snapshot struct {
	RoleName    string `xml:"RoleName" json:"roleName"`
	DestBucket  string `xml:"DestBucket" json:"destBucket"`
	NotifyTopic string `xml:"NotifyTopic" json:"notifyTopic"`
	IntervalSec int    `xml:"Interval" json:"intervalSec"`
}

// configuration is a LiveChannelConfiguration.
type configuration struct {
	XMLName      struct{}  `xml:"LiveChannelConfiguration" json:"-"`
	Description  string    `xml:"Description" json:"description"`
	Status       string    `xml:"Status,omitempty" json:"status"`
	Type         string    `xml:"Target>Type" json:"type"`
	FragDuration int       `xml:"Target>FragDuration,omitempty" json:"fragDurationSec"`
	FragCount    int       `xml:"Target>FragCount,omitempty" json:"fragCount"`
	PlaylistName string    `xml:"Target>PlaylistName,omitempty" json:"playlistName"`
	Snapshot     *snapshot `xml:"Snapshot" json:"snapshot,omitempty"`
}

// urls are those of a CreateLiveChannelResult, and of a channel in a list.
type urls struct {
	PublishUrls []string `xml:"PublishUrls>Url" json:"publishUrls"`
	PlayUrls    []string `xml:"PlayUrls>Url" json:"playUrls"`
}

type video struct {
	Width     int    `xml:"Width" json:"width"`
	Height    int    `xml:"Height" json:"height"`
	FrameRate int    `xml:"FrameRate" json:"frameRate"`
	Bandwidth int    `xml:"Bandwidth" json:"bandwidth"`
	Codec     string `xml:"Codec" json:"codec"`
}

type audio struct {
	Bandwidth  int    `xml:"Bandwidth" json:"bandwidth"`
	SampleRate int    `xml:"SampleRate" json:"sampleRate"`
	Codec      string `xml:"Codec" json:"codec"`
}

// liveChannelStat is an answer of GetLiveChannelStat; what is absent stays empty.
type liveChannelStat struct {
	Status        string    `xml:"Status" json:"status"`
	ConnectedTime time.Time `xml:"ConnectedTime" json:"-"`
	ConnectedSec  int64     `xml:"-" json:"connectedSec,omitempty"`
	RemoteAddr    string    `xml:"RemoteAddr" json:"remoteAddr,omitempty"`
	Video         *video    `xml:"Video" json:"video,omitempty"`
	Audio         *audio    `xml:"Audio" json:"audio,omitempty"`
}

type liveRecord struct {
	StartTime  time.Time `xml:"StartTime" json:"-"`
	EndTime    time.Time `xml:"EndTime" json:"-"`
	StartSec   int64     `xml:"-" json:"startSec"`
	EndSec     int64     `xml:"-" json:"endSec"`
	RemoteAddr string    `xml:"RemoteAddr" json:"remoteAddr"`
}

type liveChannelHistory struct {
	Records []liveRecord `xml:"LiveRecord"`
}

type listedChannel struct {
	Name            string    `xml:"Name" json:"name"`
	Description     string    `xml:"Description" json:"description"`
	Status          string    `xml:"Status" json:"status"`
	LastModified    time.Time `xml:"LastModified" json:"-"`
	LastModifiedSec int64     `xml:"-" json:"lastModifiedSec"`
	urls
}

// channelPage is a ListLiveChannelResult.
type channelPage struct {
	Prefix      string          `xml:"Prefix" json:"prefix"`
	Marker      string          `xml:"Marker" json:"marker"`
	MaxKeys     int             `xml:"MaxKeys" json:"maxKeys"`
	IsTruncated bool            `xml:"IsTruncated" json:"isTruncated"`
	NextMarker  string          `xml:"NextMarker" json:"nextMarker"`
	Channels    []listedChannel `xml:"LiveChannel" json:"channels"`
}
