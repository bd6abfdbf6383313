import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericAppenderFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.types.Types;

/** A table of which the metadata and the data are objects: created, appended to, read, and dropped with its files. */
public class IcebergTable {
  private static final Schema SCHEMA = new Schema(
      Types.NestedField.required(1, "id", Types.LongType.get()),
      Types.NestedField.required(2, "name", Types.StringType.get()));

  public static void main(String[] args) throws Exception {
    try (InMemoryCatalog catalog = new InMemoryCatalog()) {
      catalog.initialize("emulator", Map.of(
          "warehouse", "oss://examplebucket/warehouse",
          "io-impl", "org.apache.iceberg.aliyun.oss.OSSFileIO",
          "oss.endpoint", args[0],
          "client.access-key-id", "emulator-ak",
          "client.access-key-secret", "emulator-secret"));
      Namespace namespace = Namespace.of("streams");
      catalog.createNamespace(namespace);
      TableIdentifier name = TableIdentifier.of(namespace, "viewers");
      Table table = catalog.createTable(name, SCHEMA);
      append(table, 1, "one");
      append(table, 2, "two");
      System.out.println("rows=" + rows(table));
      System.out.println("snapshots=" + ((List<?>) table.history()).size());
      System.out.println("dropped=" + catalog.dropTable(name, true));
    }
  }

  private static void append(Table table, long id, String name) throws Exception {
    GenericRecord record = GenericRecord.create(SCHEMA);
    record.setField("id", id);
    record.setField("name", name);
    OutputFile file = table.io().newOutputFile(table.locationProvider().newDataLocation(UUID.randomUUID() + ".avro"));
    var appender = new GenericAppenderFactory(SCHEMA).newAppender(file, FileFormat.AVRO);
    try (appender) {
      appender.add(record);
    }
    var data = DataFiles.builder(table.spec())
        .withPath(file.location())
        .withFormat(FileFormat.AVRO)
        .withFileSizeInBytes(appender.length())
        .withMetrics(appender.metrics())
        .build();
    table.newAppend().appendFile(data).commit();
  }

  private static TreeSet<String> rows(Table table) throws Exception {
    TreeSet<String> rows = new TreeSet<>();
    try (var found = IcebergGenerics.read(table).build()) {
      for (Record record : found) rows.add(record.getField("id") + " " + record.getField("name"));
    }
    return rows;
  }
}
