"""A small server that speaks enough of S3 for one store; of a signature it looks at the key's id."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

ACCESS_KEY = "access-key-of-ours"
_TIME = "2026-01-01T00:00:00.000Z"


@contextlib.contextmanager
def started_s3() -> Iterator[str]:
    """Its address, ``http://127.0.0.1:PORT``."""
    objects: dict[str, dict[str, bytes]] = {}

    class Handler(_Handler):
        buckets = objects

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    buckets: dict[str, dict[str, bytes]]

    def do_GET(self) -> None:
        bucket, key, query = self._asked()
        if not self._may_pass():
            return
        if bucket not in self.buckets:
            self._fault(404, "NoSuchBucket")
        elif not key:
            self._answer(200, self._listing(bucket, query).encode())
        elif key not in self.buckets[bucket]:
            self._fault(404, "NoSuchKey")
        else:
            self._content(self.buckets[bucket][key], with_body=True)

    def do_HEAD(self) -> None:
        bucket, key, _ = self._asked()
        found = self.buckets.get(bucket, {}).get(key)
        if found is None:
            self._answer(404, b"")
        else:
            self._content(found, with_body=False)

    def do_PUT(self) -> None:
        bucket, key, _ = self._asked()
        body = self._body()
        if not self._may_pass():
            return
        if not key:
            self.buckets.setdefault(bucket, {})
        else:
            self.buckets[bucket][key] = body
        self._answer(200, b"", {"ETag": _etag(body)})

    def do_POST(self) -> None:
        bucket, _, query = self._asked()
        body = self._body().decode()
        assert "delete" in query
        for key in re.findall("<Key>(.*?)</Key>", body):
            self.buckets[bucket].pop(key, None)
        self._answer(200, b"<DeleteResult></DeleteResult>")

    def do_DELETE(self) -> None:
        bucket, key, _ = self._asked()
        self.buckets[bucket].pop(key, None)
        self._answer(204, b"")

    def _asked(self) -> tuple[str, str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        return bucket, key, parse_qs(parts.query, keep_blank_values=True)

    def _may_pass(self) -> bool:
        if f"Credential={ACCESS_KEY}/" in self.headers.get("Authorization", ""):
            return True
        self._fault(403, "InvalidAccessKeyId")
        return False

    def _body(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return body
        plain = b""
        while body:
            size, _, body = body.partition(b"\r\n")
            length = int(size.split(b";")[0] or b"0", 16)
            plain, body = plain + body[:length], body[length + 2 :]
            if not length:
                break
        return plain

    def _listing(self, bucket: str, query: dict[str, list[str]]) -> str:
        prefix = query.get("prefix", [""])[0]
        delimiter = query.get("delimiter", [""])[0]
        folders: set[str] = set()
        files = ""
        for key, content in sorted(self.buckets[bucket].items()):
            below = key[len(prefix) :]
            if not key.startswith(prefix):
                continue
            if delimiter and delimiter in below:
                folders.add(prefix + below.partition(delimiter)[0] + delimiter)
                continue
            files += (
                f"<Contents><Key>{escape(key)}</Key><LastModified>{_TIME}</LastModified><ETag>"
                f"{escape(_etag(content))}</ETag><Size>{len(content)}</Size></Contents>"
            )
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in sorted(folders)
        )
        return (
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>false</IsTruncated>{files}{common}</ListBucketResult>"
        )

    def _content(self, content: bytes, with_body: bool) -> None:
        headers = {"ETag": _etag(content), "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        start, code = 0, 200
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        end = len(content)
        if wanted:
            start, end = int(wanted[1]), min(int(wanted[2] or end - 1) + 1, end)
            headers["Content-Range"], code = f"bytes {start}-{end - 1}/{len(content)}", 206
        self._answer(code, content[start:end], headers, with_body)

    def _fault(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, with_body: bool = True
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
