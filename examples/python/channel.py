"""The life of a channel with oss2. Run it against any emulator:

    npx oss-livechannel-emulator exec -- python channel.py
"""

import os

import oss2
from oss2.models import LiveChannelInfo, LiveChannelInfoTarget

auth = oss2.Auth(
    os.environ.get("OSS_ACCESS_KEY_ID", "emulator-ak"),
    os.environ.get("OSS_ACCESS_KEY_SECRET", "emulator-secret"),
)
endpoint = os.environ.get("OSS_ENDPOINT", "http://127.0.0.1:9000")
bucket = oss2.Bucket(auth, endpoint, os.environ.get("OSS_BUCKET", "examplebucket"))

target = LiveChannelInfoTarget(frag_duration=5, frag_count=3, playlist_name="playlist.m3u8")
created = bucket.create_live_channel("python-cam", LiveChannelInfo(description="from Python", target=target))
print("push to", bucket.sign_rtmp_url("python-cam", "playlist.m3u8", 3600))
print("play at", created.play_url)
print("status ", bucket.get_live_channel_stat("python-cam").status)
bucket.delete_live_channel("python-cam")
