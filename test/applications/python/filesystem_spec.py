"""The ordinary work of fsspec with a bucket, through ossfs: whole files, ranges, large files, listings, renames."""

import sys

import ossfs

files = ossfs.OSSFileSystem(key="emulator-ak", secret="emulator-secret", endpoint=sys.argv[1])


def say(what, value):
    print(f"{what}={value}")


def names(paths):
    return ",".join(sorted(path.removeprefix("examplebucket/fsspec/") for path in paths))


files.pipe("examplebucket/fsspec/in/small.txt", b"0123456789")
with files.open("examplebucket/fsspec/in/large.bin", "wb", block_size=5 * 2**20) as out:
    out.write(bytes([7]) * 12_000_000 + bytes([42]))
say("range", files.read_block("examplebucket/fsspec/in/small.txt", 3, 4).decode())
say("large", f"{files.info('examplebucket/fsspec/in/large.bin')['size']}:{files.tail('examplebucket/fsspec/in/large.bin', 1)[0]}")
say("listed", names(files.find("examplebucket/fsspec")))
files.mv("examplebucket/fsspec/in/small.txt", "examplebucket/fsspec/out/small.txt")
say("after renaming", names(files.find("examplebucket/fsspec")))
files.rm("examplebucket/fsspec", recursive=True)
say("after deleting", files.exists("examplebucket/fsspec/out/small.txt"))
