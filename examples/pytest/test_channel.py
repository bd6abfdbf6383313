import oss2
import pytest
from oss2.models import LiveChannelInfo, LiveChannelInfoTarget


def bucket_of(emulator):
    return oss2.Bucket(emulator.auth(), emulator.endpoint, emulator.bucket)


def test_a_channel_is_idle_until_somebody_pushes(oss_livechannel):
    bucket = bucket_of(oss_livechannel)
    bucket.create_live_channel("cam", LiveChannelInfo(target=LiveChannelInfoTarget(playlist_name="playlist.m3u8")))
    assert bucket.get_live_channel_stat("cam").status == "Idle"


def test_a_day_of_recordings_is_there_at_once(oss_livechannel):
    recordings = [{"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}]
    channels = [{"name": "door", "recordings": recordings}]
    oss_livechannel.control("/seed", {"buckets": [{"name": oss_livechannel.bucket, "channels": channels}]})
    bucket = bucket_of(oss_livechannel)
    eight_oclock = 1767254400  # 2026-01-01T08:00:00Z
    bucket.post_vod_playlist("door", "hour.m3u8", start_time=eight_oclock, end_time=eight_oclock + 3599)
    assert bucket.get_object("door/hour.m3u8").read().count(b"#EXTINF:6.000") == 600


def test_what_another_test_made_is_gone(oss_livechannel):
    with pytest.raises(oss2.exceptions.NoSuchLiveChannel):
        bucket_of(oss_livechannel).get_live_channel_stat("door")
