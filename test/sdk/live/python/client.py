"""The generated Python client of ApsaraVideo Live against an emulator: one JSON line per call on stdout."""
import json
import sys

from alibabacloud_live20161101 import models
from alibabacloud_live20161101.client import Client
from alibabacloud_tea_openapi.models import Config

endpoint, bucket, secret, start, end = sys.argv[1:]
client = Client(Config(access_key_id='emulator-ak', access_key_secret=secret, endpoint=endpoint, protocol='http'))
stream = {'domain_name': 'example.com', 'app_name': 'app', 'stream_name': 'none'}


def tell(name, call):
    try:
        print(json.dumps({name: call().body.to_map()}))
    except Exception as error:
        print(json.dumps({name: {'code': error.code, 'status': error.data.get('statusCode'), 'message': error.message}}))


tell('add', lambda: client.add_live_app_record_config(models.AddLiveAppRecordConfigRequest(
    domain_name='example.com', app_name='*', oss_bucket=bucket, oss_endpoint=endpoint,
    record_format=[models.AddLiveAppRecordConfigRequestRecordFormat(
        format='m3u8', slice_duration=5,
        oss_object_prefix='{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}',
        slice_oss_object_prefix='{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}')])))
tell('describe', lambda: client.describe_live_record_config(
    models.DescribeLiveRecordConfigRequest(domain_name='example.com')))
tell('online', lambda: client.describe_live_streams_online_list(
    models.DescribeLiveStreamsOnlineListRequest(domain_name='example.com')))
tell('create', lambda: client.create_live_stream_record_index_files(models.CreateLiveStreamRecordIndexFilesRequest(
    **stream, oss_bucket=bucket, oss_endpoint=endpoint, oss_object='{AppName} 中.m3u8', end_time_included=True,
    start_time=start, end_time=end)))
tell('delete', lambda: client.delete_live_stream_record_index_files(models.DeleteLiveStreamRecordIndexFilesRequest(
    **stream, record_id=['a', 'b'], remove_file='true')))

room = {'app_id': 'app-1', 'channel_id': 'room'}
tell('room', lambda: client.create_room_real_time_stream_address(models.CreateRoomRealTimeStreamAddressRequest(
    **room, user_id='u1', display_name='Zoë 门', expire_time=60)))
tell('participants', lambda: client.describe_channel_participants(models.DescribeChannelParticipantsRequest(**room)))
tell('users', lambda: client.describe_channel_users(models.DescribeChannelUsersRequest(**room)))
tell('removed', lambda: client.remove_terminals(models.RemoveTerminalsRequest(**room, terminal_ids=['u1', 'u2'])))
