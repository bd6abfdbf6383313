import com.aliyun.oss.ClientBuilderConfiguration;
import com.aliyun.oss.ClientException;
import com.aliyun.oss.OSS;
import com.aliyun.oss.OSSClientBuilder;
import com.aliyun.oss.OSSException;
import com.aliyun.oss.common.auth.DefaultCredentialProvider;
import com.aliyun.oss.common.comm.SignVersion;
import com.aliyun.oss.common.utils.VersionInfoUtils;
import com.aliyun.oss.model.CannedAccessControlList;
import com.aliyun.oss.model.CreateBucketRequest;
import com.aliyun.oss.model.CreateLiveChannelRequest;
import com.aliyun.oss.model.ListLiveChannelsRequest;
import com.aliyun.oss.model.LiveChannel;
import com.aliyun.oss.model.LiveChannelListing;
import com.aliyun.oss.model.LiveChannelStatus;
import com.aliyun.oss.model.LiveChannelTarget;
import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The Java library behind the interface of the suites: lines of JSON in, one call each, lines of JSON out. */
public class Client {
  /** What a step may be given; what it does not need is null. */
  static class Arguments {
    String acl;
    String channel;
    String description;
    String status;
    String type;
    Integer fragDurationSec;
    Integer fragCount;
    String playlistName;
    String prefix;
    String marker;
    Integer maxKeys;
    long startSec;
    long endSec;
    long expiresSec;
  }

  static class Request {
    String step;
    Arguments args;
  }

  private final OSS oss;
  private final String bucket;

  Client(OSS oss, String bucket) {
    this.oss = oss;
    this.bucket = bucket;
  }

  public static void main(String[] flags) throws IOException {
    Map<String, String> options = new HashMap<>();
    for (int at = 0; at < flags.length; at += 2) options.put(flags[at].substring(2), flags[at + 1]);
    OSS oss = open(options);
    new Client(oss, options.get("bucket")).converse();
    oss.shutdown();
  }

  private static OSS open(Map<String, String> options) {
    ClientBuilderConfiguration configuration = new ClientBuilderConfiguration();
    configuration.setSignatureVersion(SignVersion.valueOf(options.get("auth")));
    configuration.setSLDEnabled(options.get("style").equals("path"));
    // Without this the library takes every domain but Alibaba's for a CNAME and leaves the bucket out.
    configuration.setSupportCname(options.get("style").equals("cname"));
    return OSSClientBuilder.create()
        .endpoint(options.get("endpoint"))
        .region(options.get("region"))
        .credentialsProvider(new DefaultCredentialProvider(options.get("key"), options.get("secret")))
        .clientConfiguration(configuration)
        .build();
  }

  private void converse() throws IOException {
    Gson gson = new Gson();
    System.out.println(gson.toJson(Map.of("client", "aliyun-sdk-oss", "version", VersionInfoUtils.getVersion())));
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Request request = gson.fromJson(line, Request.class);
      Map<String, Object> answer = new HashMap<>();
      answer.put("step", request.step);
      try {
        answer.put("detail", perform(request.step, request.args));
        answer.put("ok", true);
      } catch (OSSException | ClientException | IllegalArgumentException error) {
        answer.put("detail", Answers.explain(error));
        answer.put("ok", false);
      }
      System.out.println(gson.toJson(answer));
    }
  }

  private Object perform(String step, Arguments args) throws IOException {
    switch (step) {
      case "putBucket":
        putBucket(args);
        return null;
      case "deleteBucket":
        oss.deleteBucket(bucket);
        return null;
      case "create":
        return Answers.urls(oss.createLiveChannel(creation(args)));
      case "info":
        return Answers.info(oss.getLiveChannelInfo(bucket, args.channel));
      case "setStatus":
        oss.setLiveChannelStatus(bucket, args.channel, LiveChannelStatus.parse(args.status));
        return null;
      case "stat":
        return Answers.stat(oss.getLiveChannelStat(bucket, args.channel));
      case "history":
        return Answers.history(oss.getLiveChannelHistory(bucket, args.channel));
      case "list":
        return Answers.page(oss.listLiveChannels(listing(args)));
      case "names":
        return names(args);
      case "postVod":
        oss.generateVodPlaylist(bucket, args.channel, args.playlistName, args.startSec, args.endSec);
        return null;
      case "getVod":
        return new String(
            oss.getVodPlaylist(bucket, args.channel, args.startSec, args.endSec).getObjectContent().readAllBytes(),
            StandardCharsets.UTF_8);
      case "delete":
        oss.deleteLiveChannel(bucket, args.channel);
        return null;
      case "signRtmpUrl":
        long expires = System.currentTimeMillis() / 1000 + args.expiresSec;
        return oss.generateRtmpUri(bucket, args.channel, args.playlistName, expires);
      default:
        throw new IllegalStateException("no step " + step);
    }
  }

  private void putBucket(Arguments args) {
    CreateBucketRequest request = new CreateBucketRequest(bucket);
    if (args.acl != null) request.setCannedACL(CannedAccessControlList.parse(args.acl));
    oss.createBucket(request);
  }

  private CreateLiveChannelRequest creation(Arguments args) {
    LiveChannelTarget target = new LiveChannelTarget();
    if (args.type != null) target.setType(args.type);
    if (args.fragDurationSec != null) target.setFragDuration(args.fragDurationSec);
    if (args.fragCount != null) target.setFragCount(args.fragCount);
    if (args.playlistName != null) target.setPlaylistName(args.playlistName);
    CreateLiveChannelRequest request = new CreateLiveChannelRequest(bucket, args.channel);
    if (args.description != null) request.setLiveChannelDescription(args.description);
    if (args.status != null) request.setLiveChannelStatus(LiveChannelStatus.parse(args.status));
    request.setLiveChannelTarget(target);
    return request;
  }

  private ListLiveChannelsRequest listing(Arguments args) {
    ListLiveChannelsRequest request = new ListLiveChannelsRequest(bucket, args.prefix, args.marker);
    if (args.maxKeys != null) request.setMaxKeys(args.maxKeys);
    return request;
  }

  /** Lists page by page, as the documentation does. */
  private List<String> names(Arguments args) {
    List<String> names = new ArrayList<>();
    LiveChannelListing page;
    do {
      page = oss.listLiveChannels(listing(args));
      for (LiveChannel channel : page.getLiveChannels()) names.add(channel.getName());
      args.marker = page.getNextMarker();
    } while (page.isTruncated());
    return names;
  }
}
