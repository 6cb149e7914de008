import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Drives the AWS SDK for Java v2, as ci/clients/README.md says. */
public final class Main {
    private static final String BUCKET = env("S3_BUCKET");
    private static final Path LARGE_FILE = Path.of(env("S3_FILES"), "large");
    private static final URI ENDPOINT = URI.create(env("S3_ENDPOINT"));
    private static final Region REGION = Region.of(env("S3_REGION"));
    private static final boolean PATH_STYLE = env("S3_STYLE").equals("path");

    private final byte[] small = Files.readAllBytes(Path.of(env("S3_FILES"), "small"));
    private final byte[] large = Files.readAllBytes(LARGE_FILE);
    private final S3Client root = client("S3_KEY", "S3_SECRET");
    private final S3Client user = client("S3_USER_KEY", "S3_USER_SECRET");

    private Main() throws Exception {}

    public static void main(String[] arguments) throws Exception {
        new Main().run();
        // Netty's threads would linger.
        System.exit(0);
    }

    private void run() {
        System.out.println("version " + VersionInfo.SDK_VERSION);
        System.out.println("none sync");
        step("make-bucket", () -> root.createBucket(b -> b.bucket(BUCKET)));
        step("upload", this::upload);
        step("multipart", this::multipart);
        step("list", () -> same(keys(root, ""), List.of("large", "small file+ü")));
        step("range", this::range);
        step("presign", this::presign);
        step("copy", this::copy);
        step("batch-delete", this::batch);
        step("grant", this::grant);
        step("access-denied", this::denied);
        step("remove-bucket", this::remove);
    }

    private Object upload() {
        put(root, "small file+ü");
        return same(read(root, "small file+ü"), small);
    }

    /** In parts by the asynchronous client, whose setting it is. */
    private Object multipart() throws Exception {
        try (S3AsyncClient parts = S3AsyncClient.builder().endpointOverride(ENDPOINT).region(REGION)
                .forcePathStyle(PATH_STYLE).credentialsProvider(credentials("S3_KEY", "S3_SECRET"))
                .multipartEnabled(true).build()) {
            parts.putObject(b -> b.bucket(BUCKET).key("large"), AsyncRequestBody.fromFile(LARGE_FILE)).join();
            byte[] down = parts.getObject(b -> b.bucket(BUCKET).key("large"), AsyncResponseTransformer.toBytes())
                    .join().asByteArray();
            return same(down, large);
        }
    }

    private Object range() {
        byte[] part = root.getObjectAsBytes(b -> b.bucket(BUCKET).key("large").range("bytes=1000-1999")).asByteArray();
        return same(part, Arrays.copyOfRange(large, 1000, 2000));
    }

    private Object presign() throws Exception {
        try (S3Presigner presigner = S3Presigner.builder().endpointOverride(ENDPOINT).region(REGION)
                .credentialsProvider(credentials("S3_KEY", "S3_SECRET"))
                .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(PATH_STYLE).build()).build()) {
            URL url = presigner.presignGetObject(b -> b.signatureDuration(java.time.Duration.ofMinutes(1))
                    .getObjectRequest(g -> g.bucket(BUCKET).key("small file+ü"))).url();
            try (InputStream answer = url.openStream()) {
                return same(answer.readAllBytes(), small);
            }
        }
    }

    private Object copy() {
        root.copyObject(b -> b.sourceBucket(BUCKET).sourceKey("large").destinationBucket(BUCKET).destinationKey("copied"));
        return same(read(root, "copied"), large);
    }

    private Object batch() {
        List<ObjectIdentifier> keys = List.of(
                ObjectIdentifier.builder().key("copied").build(), ObjectIdentifier.builder().key("large").build());
        return same(root.deleteObjects(b -> b.bucket(BUCKET).delete(d -> d.objects(keys))).deleted().size(), 2);
    }

    private Object grant() {
        put(user, "granted/small");
        same(read(user, "granted/small"), small);
        return same(keys(user, "granted/"), List.of("granted/small"));
    }

    private Object denied() {
        try {
            put(user, "outside");
        } catch (S3Exception refusal) {
            return same(refusal.awsErrorDetails().errorCode(), "AccessDenied");
        }
        throw new IllegalStateException("served");
    }

    private Object remove() {
        for (String key : keys(root, "")) {
            root.deleteObject(b -> b.bucket(BUCKET).key(key));
        }
        return root.deleteBucket(b -> b.bucket(BUCKET));
    }

    private Object put(S3Client s3, String key) {
        return s3.putObject(b -> b.bucket(BUCKET).key(key), RequestBody.fromBytes(small));
    }

    private static byte[] read(S3Client s3, String key) {
        return s3.getObjectAsBytes(b -> b.bucket(BUCKET).key(key)).asByteArray();
    }

    private static List<String> keys(S3Client s3, String prefix) {
        return s3.listObjectsV2Paginator(b -> b.bucket(BUCKET).prefix(prefix).maxKeys(1))
                .contents().stream().map(S3Object::key).toList();
    }

    private static S3Client client(String key, String secret) {
        return S3Client.builder().endpointOverride(ENDPOINT).region(REGION).forcePathStyle(PATH_STYLE)
                .credentialsProvider(credentials(key, secret)).build();
    }

    private static StaticCredentialsProvider credentials(String key, String secret) {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(env(key), env(secret)));
    }

    private static String env(String name) {
        return System.getenv(name);
    }

    private static Object same(byte[] found, byte[] expected) {
        return same(Arrays.equals(found, expected), true);
    }

    private static Object same(Object found, Object expected) {
        if (!found.equals(expected)) {
            throw new IllegalStateException("expected " + expected + ", got " + found);
        }
        return found;
    }

    private static void step(String name, Callable<Object> run) {
        try {
            run.call();
            System.out.println("ok " + name);
        } catch (Exception failure) {
            failure.printStackTrace();
            System.out.println("fail " + name);
        }
    }
}
