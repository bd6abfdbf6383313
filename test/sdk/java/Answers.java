import com.aliyun.oss.OSSException;
import com.aliyun.oss.model.CreateLiveChannelResult;
import com.aliyun.oss.model.LiveChannel;
import com.aliyun.oss.model.LiveChannelInfo;
import com.aliyun.oss.model.LiveChannelListing;
import com.aliyun.oss.model.LiveChannelStat;
import com.aliyun.oss.model.LiveRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The library's results as the suites name their parts; what is null is left out. */
final class Answers {
  private Answers() {}

  static Object urls(CreateLiveChannelResult result) {
    return Map.of("publishUrls", result.getPublishUrls(), "playUrls", result.getPlayUrls());
  }

  static Object info(LiveChannelInfo info) {
    return Map.of(
        "description", info.getDescription(),
        "status", info.getStatus().toString(),
        "type", info.getTarget().getType(),
        "fragDurationSec", info.getTarget().getFragDuration(),
        "fragCount", info.getTarget().getFragCount(),
        "playlistName", info.getTarget().getPlaylistName());
  }

  static Object stat(LiveChannelStat stat) {
    Map<String, Object> answer = new HashMap<>();
    answer.put("status", stat.getPushflowStatus().toString());
    if (stat.getConnectedDate() != null) answer.put("connectedSec", stat.getConnectedDate().getTime() / 1000);
    if (stat.getRemoteAddress() != null) answer.put("remoteAddr", stat.getRemoteAddress());
    if (stat.getVideoStat() != null) answer.put("video", video(stat.getVideoStat()));
    if (stat.getAudioStat() != null) answer.put("audio", audio(stat.getAudioStat()));
    return answer;
  }

  private static Object video(LiveChannelStat.VideoStat video) {
    return Map.of(
        "width", video.getWidth(),
        "height", video.getHeight(),
        "frameRate", video.getFrameRate(),
        "bandwidth", video.getBandWidth(),
        "codec", video.getCodec());
  }

  private static Object audio(LiveChannelStat.AudioStat audio) {
    return Map.of(
        "bandwidth", audio.getBandWidth(), "sampleRate", audio.getSampleRate(), "codec", audio.getCodec());
  }

  static Object history(List<LiveRecord> records) {
    return records.stream()
        .map(
            record ->
                Map.of(
                    "startSec", record.getStartDate().getTime() / 1000,
                    "endSec", record.getEndDate().getTime() / 1000,
                    "remoteAddr", record.getRemoteAddress()))
        .collect(Collectors.toList());
  }

  static Object page(LiveChannelListing page) {
    Map<String, Object> answer = new HashMap<>();
    answer.put("prefix", page.getPrefix());
    answer.put("marker", page.getMarker());
    answer.put("maxKeys", page.getMaxKeys());
    answer.put("isTruncated", page.isTruncated());
    answer.put("nextMarker", page.getNextMarker());
    answer.put("channels", page.getLiveChannels().stream().map(Answers::listed).collect(Collectors.toList()));
    return answer;
  }

  private static Object listed(LiveChannel channel) {
    return Map.of(
        "name", channel.getName(),
        "description", channel.getDescription(),
        "status", channel.getStatus().toString(),
        "lastModifiedSec", channel.getLastModified().getTime() / 1000,
        "publishUrls", channel.getPublishUrls(),
        "playUrls", channel.getPlayUrls());
  }

  /** What the service said, or only the words of a refusal by the library itself. */
  static Object explain(RuntimeException error) {
    Map<String, Object> detail = new HashMap<>();
    detail.put("message", error.getMessage());
    if (error instanceof OSSException) {
      OSSException refused = (OSSException) error;
      detail.put("message", refused.getErrorMessage());
      detail.put("code", refused.getErrorCode());
      detail.put("ec", refused.getEC());
      detail.put("requestId", refused.getRequestId());
    }
    return detail;
  }
}
