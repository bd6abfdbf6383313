// Package suites keeps in go.mod what the tests of these packages need.
package suites

import (
	_ "github.com/aliyun/aliyun-oss-go-sdk/oss"
	_ "github.com/aliyun/aliyun-oss-go-sdk/oss/crypto"
)
