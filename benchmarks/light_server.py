"""A server that speaks the Settings API and takes next to no processor time: `python -m benchmarks.light_server`.

The sandbox checks what it is sent, and so shares the cores with the providers that are measured. This server checks
nothing. It keeps one schema's objects as the bytes of their JSON, and a response is put together from them. A request
that it does not know gets 501 (Not Implemented).

It prints its port, and ends when its standard input is closed. Three requests are its own:
`GET /benchmark/requests` returns how many `reads`, `writes`, `validations` and `unknown` requests there have been,
`PUT /benchmark/delay/30` delays each later response by 30 ms, and `DELETE /benchmark/objects` deletes all objects.
"""

from __future__ import annotations

import asyncio
import gc
import re
import sys
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
_ID_BEGINS = "vu9U3hXa3q0AAAABA"  # as the ids of real objects, which are about as long
_OBJECTS = "/settings/objects"
_GET_SCHEMA = f"GET /api/v2/settings/schemas/{SCHEMA}"
_SCHEMA = msgspec.json.encode(
    {
        "schemaId": SCHEMA,
        "properties": {"name": {"type": "text", "constraints": [{"type": "LENGTH", "minLength": 3, "maxLength": 100}]}},
        "schemaConstraints": [{"type": "UNIQUE", "uniqueProperties": ["name"]}],
    }
)
"""What a plan reads of the schema."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NAME = re.compile(r"value\.name *= *'(.*)'")


class Item(msgspec.Struct, rename="camel"):
    """What a write says about one object."""

    value: msgspec.Raw
    external_id: str | None = None
    object_id: str | None = None


class Object(msgspec.Struct):
    """A settings object, and the JSON in which every response has it."""

    name: str
    external_id: str | None
    json: bytes


_items = msgspec.json.Decoder(list[Item])
_item = msgspec.json.Decoder(Item)


class Objects:
    """The objects, in the order they were created, and the responses about them."""

    def __init__(self) -> None:
        self.delay = 0.0
        """Seconds by which responses are delayed."""
        self.counts = {"reads": 0, "writes": 0, "validations": 0, "unknown": 0}
        self._objects: dict[str, Object] = {}
        self._ids: dict[str, str] = {}  # by external id, also those of deleted objects
        self._written = 0

    def respond(self, method: str, target: str, body: bytes) -> bytes:
        """Return the whole response to a request; `target` is its path and query."""
        path, _, query = target.partition("?")
        if path.startswith("/benchmark/"):
            return self._control(method, path.removeprefix("/benchmark/"))
        _, found, rest = path.partition(_OBJECTS)
        validates = "validateOnly=true" in query
        self.counts["reads" if method == "GET" else "validations" if validates else "writes"] += 1
        match method, unquote(rest[1:]):
            case _ if not found:
                return _ok(_SCHEMA) if f"{method} {unquote(path)}".endswith(_GET_SCHEMA) else self._unknown()
            case "GET", "":
                return self._list(parse_qs(query))
            case "POST", "":
                items = _items.decode(body)
                return _ok(_array([b'{"code":200}' if validates else self._create(item) for item in items]))
            case _, object_id if object_id not in self._objects:
                return response("404 Not Found", b'{"error":{"code":404,"message":"There is no such object."}}')
            case "GET", object_id:
                return _ok(self._objects[object_id].json)
            case "PUT", object_id:
                if not validates:
                    self._put(object_id, _item.decode(body).value, self._objects[object_id].external_id)
                return _ok(_written(object_id))
            case "DELETE", object_id:
                del self._objects[object_id]
                return response("204 No Content")
        return self._unknown()

    def _unknown(self) -> bytes:
        self.counts["unknown"] += 1
        return response("501 Not Implemented")

    def _control(self, method: str, path: str) -> bytes:
        match method, path.split("/"):
            case "GET", ["requests"]:
                return _ok(msgspec.json.encode(self.counts))
            case "PUT", ["delay", milliseconds]:
                self.delay = float(milliseconds) / 1000
            case "DELETE", ["objects"]:
                self._objects.clear()
            case _:
                return response("501 Not Implemented")
        return response("204 No Content")

    def _create(self, item: Item) -> bytes:
        """A create that is repeated with the same external id is for the same object, as in the Settings API."""
        object_id = item.object_id or self._ids.get(item.external_id or "") or f"{_ID_BEGINS}{self._written:0143}"
        if item.external_id:
            self._ids[item.external_id] = object_id
        self._put(object_id, item.value, item.external_id)
        return _written(object_id)

    def _put(self, object_id: str, value: msgspec.Raw, external_id: str | None) -> None:
        self._written += 1
        external = msgspec.json.encode(external_id)
        self._objects[object_id] = Object(
            msgspec.json.decode(value)["name"],
            external_id,
            b'{"objectId":"%s","externalId":%s,"schemaId":"%s","schemaVersion":"0.0.26","scope":"environment",'
            b'"value":%s,"updateToken":"%d","resourceContext":{"operations":["read","write","delete"]}}'
            % (object_id.encode(), external, SCHEMA.encode(), bytes(value), self._written),
        )

    def _list(self, query: dict[str, list[str]]) -> bytes:
        """Return one page. Its `nextPageKey` is where the next one begins, and the size of a page: `500,500`."""
        chosen = list(self._objects.values())
        if condition := query.get("filter"):
            if not (name := _NAME.fullmatch(condition[0])):
                return self._unknown()
            chosen = [one for one in chosen if one.name == name[1]]
        if external_ids := query.get("externalIds"):
            wanted = [self._ids.get(one, "") for one in external_ids[0].split(",")]
            chosen = [self._objects[one] for one in wanted if one in self._objects]
        start, size = 0, int(query.get("pageSize", ["100"])[0])  # 100 is the API's default
        if key := query.get("nextPageKey"):
            start, size = map(int, key[0].split(","))
        following = b'"%d,%d"' % (start + size, size) if start + size < len(chosen) else b"null"
        items = _array([one.json for one in chosen[start : start + size]])
        return _ok(
            b'{"items":%s,"totalCount":%d,"pageSize":%d,"nextPageKey":%s}' % (items, len(chosen), size, following)
        )


def _array(elements: list[bytes]) -> bytes:
    return b"[%s]" % b",".join(elements)


def _written(object_id: str) -> bytes:
    return b'{"code":200,"objectId":"%s"}' % object_id.encode()


def _ok(body: bytes) -> bytes:
    return response("200 OK", body)


def response(status: str, body: bytes = b"") -> bytes:
    """Return a response of HTTP/1.1. One without content has no length (RFC 9110, section 8.6)."""
    length = "" if status.startswith("204") else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {status}\r\n{length}\r\n".encode() + body


class Connection(asyncio.Protocol):
    """One connection: its requests, one after the other, with a `Content-Length` where they have a body."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._received = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Respond as soon as a request is whole."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            length = _LENGTH.search(head)
            after = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < after:
                return
            method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
            answer = self._objects.respond(method, target, self._received[end + 4 : after])
            self._received = self._received[after:]
            if self._objects.delay:
                asyncio.get_running_loop().call_later(self._objects.delay, self._transport.write, answer)
            else:
                self._transport.write(answer)


async def serve() -> None:
    """Serve on a free port of loopback until standard input is closed."""
    loop, objects, ended = asyncio.get_running_loop(), Objects(), asyncio.Event()
    server = await loop.create_server(lambda: Connection(objects), "127.0.0.1", 0)
    loop.add_reader(sys.stdin.fileno(), ended.set)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.close()
    gc.freeze()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve())
