package main

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

// objects does what a program does with files: whole and in parts, by ranges, listed, under a signed URL, copied and
// deleted.
func (c client) objects(key string) (any, error) {
	ctx := context.Background()
	name := func(suffix string) *string { return oss.Ptr(key + "/" + suffix) }
	large := bytes.Repeat([]byte("0123456789abcdef"), 32_768)

	_, err := c.service.PutObject(ctx, &oss.PutObjectRequest{Bucket: &c.bucket, Key: name("small"), Body: strings.NewReader("0123456789")})
	if err != nil {
		return nil, err
	}
	uploader := c.service.NewUploader(func(options *oss.UploaderOptions) { options.PartSize = 204_800 })
	_, err = uploader.UploadFrom(ctx, &oss.PutObjectRequest{Bucket: &c.bucket, Key: name("large")}, bytes.NewReader(large))
	if err != nil {
		return nil, err
	}
	ranged, err := c.get(&oss.GetObjectRequest{Bucket: &c.bucket, Key: name("small"), Range: oss.Ptr("bytes=3-6")})
	if err != nil {
		return nil, err
	}
	whole, err := c.get(&oss.GetObjectRequest{Bucket: &c.bucket, Key: name("large")})
	if err != nil {
		return nil, err
	}
	_, err = c.service.CopyObject(ctx, &oss.CopyObjectRequest{Bucket: &c.bucket, Key: name("copy"), SourceKey: name("small")})
	if err != nil {
		return nil, err
	}
	listed := []string{}
	pages := c.service.NewListObjectsV2Paginator(&oss.ListObjectsV2Request{Bucket: &c.bucket, Prefix: name(""), MaxKeys: 2})
	for pages.HasNext() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Contents {
			listed = append(listed, *entry.Key)
		}
	}
	signed, err := c.service.Presign(ctx, &oss.GetObjectRequest{Bucket: &c.bucket, Key: name("copy")})
	if err != nil {
		return nil, err
	}
	deleted, err := c.service.DeleteMultipleObjects(ctx, &oss.DeleteMultipleObjectsRequest{
		Bucket:  &c.bucket,
		Objects: []oss.DeleteObject{{Key: name("large")}, {Key: name("small")}},
	})
	if err != nil {
		return nil, err
	}
	gone := []string{}
	for _, entry := range deleted.DeletedObjects {
		gone = append(gone, *entry.Key)
	}
	isThere, err := c.service.IsObjectExist(ctx, c.bucket, *name("small"))
	return map[string]any{
		"range":     string(ranged),
		"isWhole":   bytes.Equal(whole, large),
		"listed":    listed,
		"signedUrl": signed.URL,
		"deleted":   gone,
		"isThere":   isThere,
	}, err
}

func (c client) get(request *oss.GetObjectRequest) ([]byte, error) {
	answer, err := c.service.GetObject(context.Background(), request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}
