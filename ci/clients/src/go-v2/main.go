// Command go-v2-client drives the AWS SDK for Go v2, as ci/clients/README.md says.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

var (
	ctx    = context.Background()
	bucket = os.Getenv("S3_BUCKET")
	web    = &http.Client{Transport: transport()}
	root   = client("S3_KEY", "S3_SECRET")
	user   = client("S3_USER_KEY", "S3_USER_SECRET")
	small  = read(filepath.Join(os.Getenv("S3_FILES"), "small"))
	large  = read(filepath.Join(os.Getenv("S3_FILES"), "large"))
)

func main() {
	fmt.Println("version", version("github.com/aws/aws-sdk-go-v2/service/s3"))
	step("make-bucket", makeBucket)
	step("upload", upload)
	step("multipart", multipart)
	step("list", list)
	step("range", ranged)
	step("presign", presign)
	step("copy", copied)
	fmt.Println("none sync")
	step("batch-delete", batch)
	step("grant", grant)
	step("access-denied", denied)
	step("remove-bucket", remove)
}

func client(key, secret string) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(os.Getenv("S3_ENDPOINT")),
		Region:       os.Getenv("S3_REGION"),
		Credentials:  credentials.NewStaticCredentialsProvider(os.Getenv(key), os.Getenv(secret), ""),
		UsePathStyle: os.Getenv("S3_STYLE") == "path",
		HTTPClient:   web,
	})
}

func transport() *http.Transport {
	trust := x509.NewCertPool()
	if file := os.Getenv("S3_CA"); file != "" {
		trust.AppendCertsFromPEM(read(file))
	}
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust}}
}

func makeBucket() error {
	_, err := root.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket})
	return err
}

func upload() error {
	if err := put(root, "small file+ü"); err != nil {
		return err
	}
	return holds(root, "small file+ü", nil, small)
}

func put(s *s3.Client, key string) error {
	_, err := s.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(small)})
	return err
}

// holds reads the object, or a range of it, and compares.
func holds(s *s3.Client, key string, part *string, expected []byte) error {
	answer, err := s.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key, Range: part})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return same(answer.Body, expected)
}

func same(found io.Reader, expected []byte) error {
	all, err := io.ReadAll(found)
	if err == nil && !bytes.Equal(all, expected) {
		err = fmt.Errorf("%d bytes differ from the %d expected", len(all), len(expected))
	}
	return err
}

func multipart() error {
	_, err := manager.NewUploader(root).Upload(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: aws.String("large"), Body: bytes.NewReader(large),
	})
	if err != nil {
		return err
	}
	down := manager.NewWriteAtBuffer(nil)
	if _, err := manager.NewDownloader(root).Download(ctx, down, &s3.GetObjectInput{
		Bucket: &bucket, Key: aws.String("large"),
	}); err != nil {
		return err
	}
	return same(bytes.NewReader(down.Bytes()), large)
}

func list() error { return lists(root, "", "large", "small file+ü") }

func lists(s *s3.Client, prefix string, expected ...string) error {
	var found []string
	pages := s3.NewListObjectsV2Paginator(s, &s3.ListObjectsV2Input{
		Bucket: &bucket, Prefix: &prefix, MaxKeys: aws.Int32(1),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, entry := range page.Contents {
			found = append(found, *entry.Key)
		}
	}
	if strings.Join(found, "|") != strings.Join(expected, "|") {
		return fmt.Errorf("listed %q instead of %q", found, expected)
	}
	return nil
}

func ranged() error { return holds(root, "large", aws.String("bytes=1000-1999"), large[1000:2000]) }

func presign() error {
	link, err := s3.NewPresignClient(root).PresignGetObject(ctx, &s3.GetObjectInput{
		Bucket: &bucket, Key: aws.String("small file+ü"),
	})
	if err != nil {
		return err
	}
	answer, err := web.Get(link.URL)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return same(answer.Body, small)
}

func copied() error {
	if _, err := root.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &bucket, Key: aws.String("copied"), CopySource: aws.String(bucket + "/large"),
	}); err != nil {
		return err
	}
	return holds(root, "copied", nil, large)
}

func batch() error {
	answer, err := root.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{
		Objects: []types.ObjectIdentifier{{Key: aws.String("copied")}, {Key: aws.String("large")}},
	}})
	if err == nil && len(answer.Deleted) != 2 {
		err = fmt.Errorf("deleted %d of 2", len(answer.Deleted))
	}
	return err
}

func grant() error {
	if err := put(user, "granted/small"); err != nil {
		return err
	}
	if err := holds(user, "granted/small", nil, small); err != nil {
		return err
	}
	return lists(user, "granted/", "granted/small")
}

func denied() error {
	err := put(user, "outside")
	var answer smithy.APIError
	if errors.As(err, &answer) && answer.ErrorCode() == "AccessDenied" {
		return nil
	}
	return fmt.Errorf("instead of AccessDenied: %w", err)
}

func remove() error {
	for _, key := range []string{"small file+ü", "granted/small"} {
		if _, err := root.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key}); err != nil {
			return err
		}
	}
	_, err := root.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket})
	return err
}

func step(name string, run func() error) {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		fmt.Println("fail", name)
		return
	}
	fmt.Println("ok", name)
}

func version(module string) string {
	build, _ := debug.ReadBuildInfo()
	for _, used := range build.Deps {
		if used.Path == module {
			return used.Version
		}
	}
	return "unknown"
}

func read(path string) []byte {
	content, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return content
}
