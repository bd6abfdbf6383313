"""The Python library behind the interface of the suites: lines of JSON in, one call each, lines of JSON out."""

import argparse
import json
import sys

import oss2


def main():
    options = parse_arguments()
    client = Client(options)
    say({"client": "oss2", "version": oss2.__version__})
    for line in sys.stdin:
        request = json.loads(line)
        step = request["step"]
        try:
            say({"step": step, "ok": True, "detail": getattr(client, step)(**request["args"])})
        except oss2.exceptions.OssError as error:
            say({"step": step, "ok": False, "detail": explain(error)})


def parse_arguments():
    parser = argparse.ArgumentParser()
    for name in ("endpoint", "auth", "style", "bucket", "key", "secret", "region"):
        parser.add_argument("--" + name, required=True)
    return parser.parse_args()


def say(message):
    print(json.dumps(message), flush=True)


def explain(error):
    return {
        "message": error.message,
        "code": error.code,
        "status": error.status,
        "ec": error.ec,
        "requestId": error.request_id,
        "class": type(error).__name__,
    }


def make_auth(options):
    if options.auth == "anonymous":
        return oss2.AnonymousAuth()
    kind = {"V1": oss2.Auth, "V2": oss2.AuthV2, "V4": oss2.AuthV4}[options.auth]
    return kind(options.key, options.secret)


class Client:
    """A method per step; its arguments are those of the request."""

    def __init__(self, options):
        self.options = options
        self.auth = make_auth(options)
        self.bucket = self.open_bucket(options.endpoint)

    def open_bucket(self, endpoint):
        return oss2.Bucket(
            self.auth,
            endpoint,
            self.options.bucket,
            is_cname=self.options.style == "cname",
            is_path_style=self.options.style == "path",
            region=self.options.region,
        )

    def putBucket(self, acl=None):
        self.bucket.create_bucket(acl)

    def deleteBucket(self):
        self.bucket.delete_bucket()

    def create(self, channel, description="", status="enabled", type="HLS", **target):
        names = {"fragDurationSec": "frag_duration", "fragCount": "frag_count", "playlistName": "playlist_name"}
        given = {names[name]: value for name, value in target.items()}
        info = oss2.models.LiveChannelInfo(status, description, oss2.models.LiveChannelInfoTarget(type, **given))
        result = self.bucket.create_live_channel(channel, info)
        return {"publishUrls": [result.publish_url], "playUrls": [result.play_url]}

    def info(self, channel):
        info = self.bucket.get_live_channel(channel)
        return {
            "description": info.description,
            "status": info.status,
            "type": info.target.type,
            "fragDurationSec": info.target.frag_duration,
            "fragCount": info.target.frag_count,
            "playlistName": info.target.playlist_name,
        }

    def setStatus(self, channel, status):
        self.bucket.put_live_channel_status(channel, status)

    def stat(self, channel):
        stat = self.bucket.get_live_channel_stat(channel)
        answer = {"status": stat.status}
        if stat.connected_time:
            answer.update(connectedSec=stat.connected_time, remoteAddr=stat.remote_addr)
        if stat.video:
            answer["video"] = {
                "width": stat.video.width,
                "height": stat.video.height,
                "frameRate": stat.video.frame_rate,
                "bandwidth": stat.video.bandwidth,
                "codec": stat.video.codec,
            }
        if stat.audio:
            answer["audio"] = {
                "bandwidth": stat.audio.bandwidth,
                "sampleRate": stat.audio.sample_rate,
                "codec": stat.audio.codec,
            }
        return answer

    def history(self, channel):
        records = self.bucket.get_live_channel_history(channel).records
        return [
            {"startSec": record.start_time, "endSec": record.end_time, "remoteAddr": record.remote_addr}
            for record in records
        ]

    def list(self, prefix="", marker="", maxKeys=100):
        page = self.bucket.list_live_channel(prefix, marker, maxKeys)
        return {
            "prefix": page.prefix,
            "marker": page.marker,
            "maxKeys": page.max_keys,
            "isTruncated": page.is_truncated,
            "nextMarker": page.next_marker,
            "channels": [self.listed(channel) for channel in page.channels],
        }

    @staticmethod
    def listed(channel):
        return {
            "name": channel.name,
            "description": channel.description,
            "status": channel.status,
            "lastModifiedSec": channel.last_modified,
            "publishUrls": [channel.publish_url],
            "playUrls": [channel.play_url],
        }

    def names(self, prefix, maxKeys):
        return [channel.name for channel in oss2.LiveChannelIterator(self.bucket, prefix, max_keys=maxKeys)]

    def postVod(self, channel, playlistName, startSec, endSec):
        self.bucket.post_vod_playlist(channel, playlistName, startSec, endSec)

    def getVod(self, channel, startSec, endSec):
        return self.bucket.get_vod_playlist(channel, startSec, endSec).playlist

    def delete(self, channel):
        self.bucket.delete_live_channel(channel)

    def signRtmpUrl(self, channel, playlistName, expiresSec):
        return self.bucket.sign_rtmp_url(channel, playlistName, expiresSec)

    def useListedEndpoint(self):
        """What the library's own tests do first: the endpoint to work with is the one that ListBuckets names."""
        service = oss2.Service(self.auth, self.options.endpoint, region=self.options.region)
        found = service.list_buckets(prefix=self.options.bucket).buckets[0]
        self.bucket = self.open_bucket(found.extranet_endpoint)
        return {
            "name": found.name,
            "location": found.location,
            "extranetEndpoint": found.extranet_endpoint,
            "intranetEndpoint": found.intranet_endpoint,
            "storageClass": found.storage_class,
            "createdSec": found.creation_date,
        }


main()
