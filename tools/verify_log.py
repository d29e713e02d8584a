#!/usr/bin/env python3
"""Verifies a transparency log (C2SP tlog-tiles) without a line of the platform's code.

Checks the signature of the newest checkpoint (signed note, Ed25519), rebuilds the root from the tiles, and proves
leaves: each entry is hashed and led up to the signed root (RFC 6962 section 2.1).

    verify_log.py URL --vkey VKEY [--ca FILE] [--token-file FILE] [--leaves N | --indexes 1,2,3]

URL is the prefix of the log, such as https://localhost:8443/logs/master/2026/. VKEY comes from elsewhere: from the
signed agreement. With --stdin the same arguments are read as JSON (url, vkey, ca, token, indexes, leaves), so that no
secret stands in the list of processes. Needs Python 3.9 and python3-cryptography.

Exit status: 0 everything holds, 1 something does not, 2 usage, 3 python3-cryptography is missing.
"""

import argparse
import base64
import hashlib
import json
import secrets
import ssl
import sys
import time
import urllib.error
import urllib.request

try:
    import cryptography
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit(3)

WIDTH = 256
HASH = 32
MAX_BODY = 16 * 1024 * 1024
MAX_NOTE = 64 * 1024
TIMEOUT = 20
WAITS = 6
LONGEST_WAIT = 65


class Fault(Exception):
    """Something that does not hold."""


def demand(holds, what):
    if not holds:
        raise Fault(what)


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def strict_base64(text):
    data = base64.b64decode(text, validate=True)
    demand(base64.b64encode(data).decode() == text, "base64 is not canonical")
    return data


# --- signed note and checkpoint -------------------------------------------------------------------------------------


def parse_vkey(vkey):
    """name+keyid+base64(type || key): the key must have the id it claims."""
    parts = vkey.split("+", 2)
    demand(len(parts) == 3, "the verifier key has not three parts")
    name, key_id, encoded = parts
    data = strict_base64(encoded)
    demand(len(data) == 33 and data[0] == 1, "the verifier key is not Ed25519")
    own_id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    demand(own_id.hex() == key_id, "the verifier key has another id than it says")
    return name, own_id, data[1:]


def open_note(note, vkey):
    """Text of a note that this key has signed."""
    name, key_id, public = parse_vkey(vkey)
    demand(len(note) <= MAX_NOTE, "the note is too long")
    at = note.rfind(b"\n\n")
    demand(at >= 0, "the note has no signatures")
    text, lines = note[: at + 1], note[at + 2 :].decode("utf-8").split("\n")
    demand(lines[-1] == "", "the note does not end in a newline")
    signed = False
    for line in lines[:-1]:
        parts = line.split(" ")
        demand(len(parts) == 3 and parts[0] == "\u2014", "a signature line is malformed")
        data = strict_base64(parts[2])
        if parts[1] != name or data[:4] != key_id:
            continue  # a witness, or a key nobody gave us
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(data[4:], text)
        except InvalidSignature:
            raise Fault("the signature of the log does not hold") from None
        signed = True
    demand(signed, "the log has not signed its checkpoint")
    return name, text.decode("utf-8")


def parse_checkpoint(name, text):
    lines = text.split("\n")
    demand(len(lines) >= 4 and lines[-1] == "", "the checkpoint is cut")
    origin, size, root = lines[0], lines[1], strict_base64(lines[2])
    demand(origin == name, "the checkpoint is of another log")
    demand(size.isdigit() and str(int(size)) == size, "the size is not a decimal number")
    demand(len(root) == HASH, "the root is not of 32 bytes")
    return int(size), root


# --- tiles ------------------------------------------------------------------------------------------------------------


def index_path(index):
    path = f"{index % 1000:03d}"
    index //= 1000
    while index > 0:
        path = f"x{index % 1000:03d}/{path}"
        index //= 1000
    return path


class Log:
    """A log of one size, read through tiles that nobody trusts until they lead to the root."""

    def __init__(self, fetch, size):
        self.fetch = fetch
        self.size = size
        self.tiles = {}
        self.bundles = {}

    def count(self, level):
        """Hashes there are at a tile level."""
        return self.size // WIDTH**level

    def path(self, prefix, index, count):
        width = min(WIDTH, count - index * WIDTH)
        demand(width > 0, "there is no such tile")
        return f"{prefix}/{index_path(index)}" + ("" if width == WIDTH else f".p/{width}"), width

    def tile(self, level, index):
        if (level, index) not in self.tiles:
            path, width = self.path(f"tile/{level}", index, self.count(level))
            body = self.fetch(path)
            if body is None and width < WIDTH:  # a log may drop a partial tile once the full one is there
                body = self.fetch(f"tile/{level}/{index_path(index)}")
                body = body[: width * HASH] if body is not None and len(body) == WIDTH * HASH else body
            demand(body is not None, f"tile {level}/{index} is missing")
            demand(len(body) == width * HASH, f"tile {level}/{index} has a wrong length")
            self.tiles[level, index] = [body[i : i + HASH] for i in range(0, len(body), HASH)]
        return self.tiles[level, index]

    def subtree(self, height, index):
        """Hash of the complete subtree of 2**height leaves that is number `index` of its kind."""
        level, rest = divmod(height, 8)
        first = index << rest
        hashes = self.tile(level, first // WIDTH)[first % WIDTH :][: 1 << rest]
        demand(len(hashes) == 1 << rest, "a subtree reaches over its tile")
        while len(hashes) > 1:
            hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    def range_hash(self, start, end):
        """MTH(D[start:end]) of RFC 6962 2.1 for the ranges that the recursion meets."""
        width = end - start
        if width & (width - 1) == 0:
            return self.subtree(width.bit_length() - 1, start // width)
        k = 1 << ((width - 1).bit_length() - 1)
        return node_hash(self.range_hash(start, start + k), self.range_hash(start + k, end))

    def audit_path(self, index):
        """Sibling hashes from the leaf up, with the side each stands on."""
        path = []
        start, end = 0, self.size
        while end - start > 1:
            width = end - start
            k = 1 << ((width - 1).bit_length() - 1)
            if index < start + k:
                path.append(("right", self.range_hash(start + k, end)))
                end = start + k
            else:
                path.append(("left", self.range_hash(start, start + k)))
                start += k
        return path[::-1]

    def entry(self, index):
        bundle = index // WIDTH
        if bundle not in self.bundles:
            path, width = self.path("tile/entries", bundle, self.size)
            body = self.fetch(path)
            if body is None and width < WIDTH:
                body = self.fetch(f"tile/entries/{index_path(bundle)}")
            demand(body is not None, f"entries {bundle} are missing")
            self.bundles[bundle] = split_entries(body)
        entries = self.bundles[bundle]
        demand(index % WIDTH < len(entries), f"entry {index} is missing")
        return entries[index % WIDTH]


def split_entries(body):
    entries, at = [], 0
    while at < len(body):
        length = int.from_bytes(body[at : at + 2], "big")
        demand(at + 2 + length <= len(body), "a bundle of entries is cut")
        entries.append(body[at + 2 : at + 2 + length])
        at += 2 + length
    return entries


def prove(log, index, root):
    found = leaf_hash(log.entry(index))
    for side, other in log.audit_path(index):
        found = node_hash(found, other) if side == "right" else node_hash(other, found)
    demand(found == root, f"entry {index} does not lead to the signed root")


# --- access -----------------------------------------------------------------------------------------------------------


def fetcher(url, token, ca):
    context = ssl.create_default_context(cadata=ca) if ca else ssl.create_default_context()
    base = url if url.endswith("/") else url + "/"

    def fetch(path):
        request = urllib.request.Request(base + path)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for turn in range(WAITS + 1):
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT, context=context) as answer:
                    body = answer.read(MAX_BODY + 1)
                    demand(len(body) <= MAX_BODY, f"{path} is too long")
                    return body
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    return None
                if error.code != 429 or turn == WAITS:
                    raise Fault(f"HTTP {error.code} from {path}") from None
                time.sleep(min(LONGEST_WAIT, max(1, int(error.headers.get("retry-after") or 1))))
        return None

    return fetch


def verify(given):
    """Verifies and answers what was proved; raises Fault."""
    fetch = fetcher(given["url"], given.get("token"), given.get("ca"))
    note = fetch("checkpoint")
    demand(note is not None, "the log serves no checkpoint")
    size, root = parse_checkpoint(*open_note(note, given["vkey"]))
    log = Log(fetch, size)
    if size == 0:
        demand(root == hashlib.sha256(b"").digest(), "an empty log with another root")
    else:
        demand(log.range_hash(0, size) == root, "the tiles lead to another root")
    indexes = given.get("indexes")
    if indexes is None:
        wanted = min(size, given.get("leaves", 16))
        indexes = range(size) if wanted == size else {size - 1} | {secrets.randbelow(size) for _ in range(wanted - 1)}
    for index in indexes:
        demand(0 <= index < size, f"the log of {size} entries has no entry {index}")
        prove(log, index, root)
    return {"size": size, "leaves": len(indexes)}


def arguments():
    parser = argparse.ArgumentParser(description="Verifies a transparency log with Python and cryptography alone.")
    parser.add_argument("url", nargs="?", help="prefix of the log")
    parser.add_argument("--vkey", help="verifier key of the log, from the signed agreement")
    parser.add_argument("--ca", help="PEM file of the root of the server's certificate")
    parser.add_argument("--token-file", help="file with the API token")
    parser.add_argument("--leaves", type=int, default=16, help="entries to prove, drawn at random")
    parser.add_argument("--indexes", help="entries to prove, comma-separated")
    parser.add_argument("--stdin", action="store_true", help="read the arguments as JSON")
    given = parser.parse_args()
    if given.stdin:
        return json.load(sys.stdin)
    if not given.url or not given.vkey:
        parser.error("URL and --vkey are needed")

    def text(file):
        with open(file, encoding="utf-8") as opened:
            return opened.read().strip()

    result = {"url": given.url, "vkey": given.vkey, "leaves": given.leaves}
    if given.ca:
        result["ca"] = text(given.ca) + "\n"
    if given.token_file:
        result["token"] = text(given.token_file)
    if given.indexes:
        result["indexes"] = [int(part) for part in given.indexes.split(",")]
    return result


def main():
    verifier = f"verify_log.py (Python {sys.version_info[0]}.{sys.version_info[1]}, cryptography {cryptography.__version__})"
    try:
        print(json.dumps({"ok": True, "verifier": verifier, **verify(arguments())}))
        return 0
    except (Fault, ValueError, KeyError, OSError) as error:
        print(json.dumps({"ok": False, "verifier": verifier, "error": str(error)[:400]}))
        return 1


if __name__ == "__main__":
    sys.exit(main())
