"""The ordinary work of Apache OpenDAL with a bucket: whole files, ranges, large files, listings, copies."""

import sys

import opendal

operator = opendal.Operator(
    "oss",
    bucket="examplebucket",
    root="/opendal-python",
    endpoint=sys.argv[1],
    access_key_id="emulator-ak",
    access_key_secret="emulator-secret",
)


def say(what, value):
    print(f"{what}={value}")


def names():
    return ",".join(sorted(entry.path for entry in operator.scan("") if not entry.path.endswith("/")))


operator.create_dir("in/")
operator.write("in/small.txt", b"0123456789")
with operator.open("in/large.bin", "wb") as out:
    for _ in range(3):
        out.write(bytes([7]) * 6_000_000)
with operator.open("in/small.txt", "rb") as file:
    file.seek(3)
    say("range", file.read(4).decode())
say("large", operator.stat("in/large.bin").content_length)
say("listed", names())
operator.copy("in/small.txt", "out/small.txt")
operator.delete("in/small.txt")
say("after renaming", names())
operator.remove_all("/")
say("after deleting", names())
