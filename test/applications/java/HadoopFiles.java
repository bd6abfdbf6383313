import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The ordinary work of Hadoop with a bucket: files written, read in the middle, listed, renamed, deleted. */
public class HadoopFiles {
  public static void main(String[] args) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set("fs.oss.impl", "org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem");
    configuration.set("fs.oss.endpoint", args[0]);
    configuration.set("fs.oss.accessKeyId", "emulator-ak");
    configuration.set("fs.oss.accessKeySecret", "emulator-secret");
    configuration.setBoolean("fs.oss.connection.secure.enabled", false);
    // The least that it accepts: a large file is written in parts.
    configuration.setInt("fs.oss.multipart.upload.size", 102_400);
    try (FileSystem files = FileSystem.newInstance(URI.create("oss://examplebucket/"), configuration)) {
      Path folder = new Path("/hadoop/in");
      files.mkdirs(folder);
      write(files, new Path(folder, "small.txt"), "0123456789".getBytes(StandardCharsets.UTF_8));
      byte[] large = new byte[350_000];
      Arrays.fill(large, (byte) 7);
      large[300_000] = 42;
      write(files, new Path(folder, "large.bin"), large);
      say("listed", names(files.listStatus(folder)));
      say("range", new String(read(files, new Path(folder, "small.txt"), 3, 4), StandardCharsets.UTF_8));
      say("large", files.getFileStatus(new Path(folder, "large.bin")).getLen() + ":" + read(files, new Path(folder, "large.bin"), 300_000, 1)[0]);
      say("renamed", files.rename(folder, new Path("/hadoop/out")));
      say("after renaming", names(files.listStatus(new Path("/hadoop/out"))) + " " + files.exists(folder));
      say("deleted", files.delete(new Path("/hadoop"), true));
      say("after deleting", files.exists(new Path("/hadoop/out")));
    }
  }

  private static void write(FileSystem files, Path path, byte[] bytes) throws Exception {
    try (var out = files.create(path)) {
      out.write(bytes);
    }
  }

  private static byte[] read(FileSystem files, Path path, long position, int length) throws Exception {
    byte[] bytes = new byte[length];
    try (var in = files.open(path)) {
      in.readFully(position, bytes);
    }
    return bytes;
  }

  private static String names(FileStatus[] statuses) {
    return Arrays.stream(statuses).map(status -> status.getPath().getName()).sorted().collect(Collectors.joining(","));
  }

  private static void say(String what, Object value) {
    System.out.println(what + "=" + value);
  }
}
