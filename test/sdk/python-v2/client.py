"""The second Python library behind the interface of the suites: lines of JSON in, one call each, lines of JSON out.

It has no methods for live channels: they go through invoke_operation, as its documentation says for such operations.
"""

import argparse
import calendar
import io
import json
import sys
import time
from xml.etree import ElementTree

import alibabacloud_oss_v2 as oss

# The parameters that are signed with V1.
SUB_RESOURCES = ("live", "status", "comp", "vod", "startTime", "endTime")


def main():
    options = parse_arguments()
    client = Client(options)
    say({"client": "alibabacloud-oss-v2", "version": oss.__version__})
    for line in sys.stdin:
        request = json.loads(line)
        step = request["step"]
        try:
            say({"step": step, "ok": True, "detail": getattr(client, step)(**request["args"])})
        except oss.exceptions.OperationError as error:
            say({"step": step, "ok": False, "detail": explain(error.unwrap())})


def parse_arguments():
    parser = argparse.ArgumentParser()
    for name in ("endpoint", "auth", "style", "bucket", "key", "secret", "region"):
        parser.add_argument("--" + name, required=True)
    return parser.parse_args()


def say(message):
    print(json.dumps(message), flush=True)


def explain(error):
    if not isinstance(error, oss.exceptions.ServiceError):
        return {"message": str(error)}
    return {
        "message": error.message,
        "code": error.code,
        "status": error.status_code,
        "ec": error.ec,
        "requestId": error.request_id,
    }


def credentials_of(options):
    if options.auth == "anonymous":
        return oss.credentials.AnonymousCredentialsProvider()
    return oss.credentials.StaticCredentialsProvider(options.key, options.secret)


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S.000Z"))


def texts(element, path):
    return [found.text or "" for found in element.findall(path)]


class Client:
    """A method per step; its arguments are those of the request."""

    def __init__(self, options):
        config = oss.config.load_default()
        config.credentials_provider = credentials_of(options)
        config.endpoint = options.endpoint
        config.region = options.region
        config.signature_version = options.auth.lower()
        config.use_cname = options.style == "cname"
        config.use_path_style = options.style == "path"
        self.name = options.bucket
        self.client = oss.Client(config)

    def invoke(self, operation, method, parameters, key=None, body=None):
        output = self.client.invoke_operation(
            oss.OperationInput(
                op_name=operation,
                method=method,
                headers={"Content-Type": "application/xml"} if body else {},
                parameters=parameters,
                body=body,
                bucket=self.name,
                key=key,
                op_metadata={"sub-resource": [name for name in parameters if name in SUB_RESOURCES]},
            )
        )
        return output.http_response.content

    def putBucket(self, acl=None):
        self.client.put_bucket(oss.PutBucketRequest(bucket=self.name, acl=acl))

    def deleteBucket(self):
        self.client.delete_bucket(oss.DeleteBucketRequest(bucket=self.name))

    def create(self, channel, description="", status="enabled", type="HLS", snapshot=None, **target):
        names = {"fragDurationSec": "FragDuration", "fragCount": "FragCount", "playlistName": "PlaylistName"}
        root = ElementTree.Element("LiveChannelConfiguration")
        ElementTree.SubElement(root, "Description").text = description
        ElementTree.SubElement(root, "Status").text = status
        into = ElementTree.SubElement(root, "Target")
        ElementTree.SubElement(into, "Type").text = type
        for name, value in target.items():
            ElementTree.SubElement(into, names[name]).text = str(value)
        if snapshot:
            shots = ElementTree.SubElement(root, "Snapshot")
            for name in ("roleName", "destBucket", "notifyTopic"):
                ElementTree.SubElement(shots, name[0].upper() + name[1:]).text = snapshot[name]
            ElementTree.SubElement(shots, "Interval").text = str(snapshot["intervalSec"])
        body = ElementTree.tostring(root, encoding="utf-8")
        answer = ElementTree.fromstring(self.invoke("PutLiveChannel", "PUT", {"live": ""}, channel, body))
        return self.urls(answer)

    @staticmethod
    def urls(element):
        return {"publishUrls": texts(element, "PublishUrls/Url"), "playUrls": texts(element, "PlayUrls/Url")}

    def info(self, channel):
        answer = ElementTree.fromstring(self.invoke("GetLiveChannelInfo", "GET", {"live": ""}, channel))
        info = {
            "description": answer.findtext("Description"),
            "status": answer.findtext("Status"),
            "type": answer.findtext("Target/Type"),
            "fragDurationSec": answer.findtext("Target/FragDuration"),
            "fragCount": answer.findtext("Target/FragCount"),
            "playlistName": answer.findtext("Target/PlaylistName"),
        }
        shots = answer.find("Snapshot")
        if shots is not None:
            info["snapshot"] = {
                "roleName": shots.findtext("RoleName"),
                "destBucket": shots.findtext("DestBucket"),
                "notifyTopic": shots.findtext("NotifyTopic"),
                "intervalSec": shots.findtext("Interval"),
            }
        return info

    def setStatus(self, channel, status):
        self.invoke("PutLiveChannelStatus", "PUT", {"live": "", "status": status}, channel)

    def stat(self, channel):
        answer = ElementTree.fromstring(self.invoke("GetLiveChannelStat", "GET", {"live": "", "comp": "stat"}, channel))
        stat = {"status": answer.findtext("Status")}
        if answer.find("ConnectedTime") is not None:
            stat["connectedSec"] = seconds(answer.findtext("ConnectedTime"))
            stat["remoteAddr"] = answer.findtext("RemoteAddr")
        for medium, fields in (
            ("Video", ("Width", "Height", "FrameRate", "Bandwidth", "Codec")),
            ("Audio", ("Bandwidth", "SampleRate", "Codec")),
        ):
            found = answer.find(medium)
            if found is not None:
                stat[medium.lower()] = {name[0].lower() + name[1:]: found.findtext(name) for name in fields}
        return stat

    def history(self, channel):
        content = self.invoke("GetLiveChannelHistory", "GET", {"live": "", "comp": "history"}, channel)
        return [
            {
                "startSec": seconds(record.findtext("StartTime")),
                "endSec": seconds(record.findtext("EndTime")),
                "remoteAddr": record.findtext("RemoteAddr"),
            }
            for record in ElementTree.fromstring(content).findall("LiveRecord")
        ]

    def list(self, prefix="", marker="", maxKeys=100):
        query = {"live": "", "prefix": prefix, "marker": marker, "max-keys": str(maxKeys)}
        page = ElementTree.fromstring(self.invoke("ListLiveChannel", "GET", query))
        return {
            "prefix": page.findtext("Prefix"),
            "marker": page.findtext("Marker"),
            "maxKeys": page.findtext("MaxKeys"),
            "isTruncated": page.findtext("IsTruncated") == "true",
            "nextMarker": page.findtext("NextMarker"),
            "channels": [
                {
                    "name": channel.findtext("Name"),
                    "description": channel.findtext("Description"),
                    "status": channel.findtext("Status"),
                    "lastModifiedSec": seconds(channel.findtext("LastModified")),
                    **self.urls(channel),
                }
                for channel in page.findall("LiveChannel")
            ],
        }

    def names(self, prefix, maxKeys):
        names, marker = [], ""
        while True:
            page = self.list(prefix, marker, maxKeys)
            names += [channel["name"] for channel in page["channels"]]
            if not page["isTruncated"]:
                return names
            marker = page["nextMarker"]

    def postVod(self, channel, playlistName, startSec, endSec):
        query = {"vod": "", "startTime": str(startSec), "endTime": str(endSec)}
        self.invoke("PostVodPlaylist", "POST", query, channel + "/" + playlistName)

    def getVod(self, channel, startSec, endSec):
        query = {"vod": "", "startTime": str(startSec), "endTime": str(endSec)}
        return self.invoke("GetVodPlaylist", "GET", query, channel).decode()

    def delete(self, channel):
        self.invoke("DeleteLiveChannel", "DELETE", {"live": ""}, channel)

    def objects(self, key):
        """Files of a program: whole and in parts, by ranges, listed, under a signed URL, copied and deleted."""
        parts = bytes(range(256)) * 2048
        self.client.put_object(oss.PutObjectRequest(bucket=self.name, key=key + "/small", body=b"0123456789"))
        uploader = self.client.uploader(part_size=204_800, parallel_num=2)
        uploader.upload_from(oss.PutObjectRequest(bucket=self.name, key=key + "/large"), io.BytesIO(parts))
        ranged = self.client.get_object(oss.GetObjectRequest(bucket=self.name, key=key + "/small", range_header="bytes=3-6"))
        whole = self.client.get_object(oss.GetObjectRequest(bucket=self.name, key=key + "/large"))
        self.client.copy_object(oss.CopyObjectRequest(bucket=self.name, key=key + "/copy", source_key=key + "/small"))
        listed = [
            entry.key
            for page in self.client.list_objects_v2_paginator().iter_page(
                oss.ListObjectsV2Request(bucket=self.name, prefix=key + "/", max_keys=2)
            )
            for entry in page.contents
        ]
        signed = self.client.presign(oss.GetObjectRequest(bucket=self.name, key=key + "/copy"))
        deleted = self.client.delete_multiple_objects(
            oss.DeleteMultipleObjectsRequest(bucket=self.name, objects=[oss.DeleteObject(key=name) for name in listed if not name.endswith("copy")])
        )
        return {
            "range": ranged.body.content.decode(),
            "isWhole": whole.body.content == parts,
            "listed": listed,
            "signedUrl": signed.url,
            "deleted": [entry.key for entry in deleted.deleted_objects],
            "isThere": self.client.is_object_exist(self.name, key + "/small"),
        }


if __name__ == "__main__":
    main()
