# SPDX-License-Identifier: Apache-2.0
"""The worked examples: made again byte for byte, and true by the second implementation as well as by ours."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import struct
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from format_independent import hkdf, hpke_recipient, naive_path, naive_root, naive_subproof, plain_frames, sha256

from session.crypto.aead import open_blob, seal_blob
from session.crypto.hpke import ReadingKey, unwrap, wrap_info
from session.crypto.signing import SigningKey, six_words
from session.events import Capture, CapturePublic, Edge, Focus, FocusChange, Gap, Reason
from session.frames import decode_payload, encode_frame, frame_key, open_frame, read_segment
from session.log.checkpoint import parse_checkpoint
from session.log.cosign import verify_cosignature
from session.log.merkle import Tree, verify_consistency, verify_inclusion
from session.log.note import decode_base64, parse_note, verify_note
from session.log.proof import parse_add_checkpoint
from session.table import TYPES

ASSETS = Path(__file__).parents[1] / "assets"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_vectors", ASSETS / "make_vectors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def vectors() -> dict[str, dict[str, Any]]:
    return json.loads((ASSETS / "vectors.json").read_text(encoding="utf-8"))


def test_the_generator_writes_the_file_byte_for_byte() -> None:
    assert generator().as_json() == (ASSETS / "vectors.json").read_text(encoding="utf-8")


def test_the_public_frame_is_what_the_document_says(vectors: dict[str, dict[str, Any]]) -> None:
    vector = vectors["public_frame"]
    payload = vector["payload"].encode()
    p = struct.pack(">HBQI", 1, vector["kind"], vector["seq"], len(payload)) + payload
    counted = struct.pack(">I", 1 + len(p)) + b"\x02" + p
    assert vector["p"] == p.hex()
    assert vector["leaf"] == sha256(b"\x00", p, bytes(32)).hex()
    assert vector["frame"] == (counted + struct.pack(">I", zlib.crc32(counted))).hex()
    assert decode_payload(payload, Gap, 4096) == Gap(
        1_795_305_600_000_000,
        86_400_000_000,
        Edge.BEGIN,
        Reason.PAUSE,
        "session",
    )


def test_the_sealed_frame_is_what_the_document_says(vectors: dict[str, dict[str, Any]]) -> None:
    vector, keys = vectors["sealed_frame"], vectors["keys"]
    session_id, content_key, salt = (
        bytes.fromhex(part) for part in (keys["session_id"], keys["content_key_s"], vector["salt"])
    )
    p = struct.pack(">HBQI", 1, vector["kind"], vector["seq"], 0)
    info = b"fairwitness/v1/record" + session_id + p[:11]
    rk = hkdf(content_key, salt, info, 32)
    kc = sha256(b"\x03", rk)
    padded = vector["payload"].encode() + b"\x80"
    padded += bytes(vector["padded_bytes"] - len(padded))
    ct = ChaCha20Poly1305(rk).encrypt(bytes(12), padded, p)
    commit = sha256(b"\x02", kc, salt, ct)
    counted = struct.pack(">I", 1 + len(p) + 48 + len(ct)) + b"\x00" + p + kc + salt + ct
    assert vector == vector | {
        "p": p.hex(),
        "rk_info": info.hex(),
        "rk": rk.hex(),
        "kc": kc.hex(),
        "ct": ct.hex(),
        "commit": commit.hex(),
        "leaf": sha256(b"\x00", p, commit).hex(),
        "frame": (counted + struct.pack(">I", zlib.crc32(counted))).hex(),
    }
    assert len(padded) == TYPES[33].pad == 512
    absent = struct.pack(">I", 1 + len(p) + 32) + b"\x01" + p + commit
    assert vectors["absent_frame"]["frame"] == (absent + struct.pack(">I", zlib.crc32(absent))).hex()
    assert vectors["absent_frame"]["leaf"] == vector["leaf"]


def test_the_segment_reads_and_opens(vectors: dict[str, dict[str, Any]]) -> None:
    segment = bytes.fromhex(vectors["segment"]["segment"])
    assert hashlib.sha256(segment).hexdigest() == vectors["segment"]["sha256"]
    content_key, session_id = (bytes.fromhex(vectors["keys"][name]) for name in ("content_key_s", "session_id"))
    _gap, focus, capture = (frame for frame, _ in read_segment(segment))
    assert encode_frame(focus).hex() == vectors["sealed_frame"]["frame"]
    opened = open_frame(focus, frame_key(focus, content_key, session_id))
    assert decode_payload(opened, Focus, 65536) == Focus(
        1_795_305_605_000_000,
        86_405_000_000,
        (FocusChange(86_401_000_000, 1, "editor"),),
    )
    opened = open_frame(capture, frame_key(capture, content_key, session_id))
    assert opened.hex() == vectors["capture"]["payload_zlib"]
    assert plain_frames(segment)[2].open(content_key, session_id) == opened
    body = decode_payload(opened, Capture, 65536)
    assert body is not None
    assert body.blob_key == vectors["capture"]["blob_key"]
    public = decode_payload(capture.public, CapturePublic, 65536)
    assert public == CapturePublic(vectors["capture"]["blob_sha256"])


def test_the_blob_is_what_the_document_says(vectors: dict[str, dict[str, Any]]) -> None:
    vector = vectors["capture"]
    session_id = bytes.fromhex(vectors["keys"]["session_id"])
    image, blob_key = bytes.fromhex(vector["image"]), bytes.fromhex(vector["blob_key"])
    aad = b"fairwitness/v1/blob" + session_id + struct.pack(">Q", vector["seq"])
    padded = image + b"\x80" + bytes(16384 - len(image) - 1)
    blob = ChaCha20Poly1305(blob_key).encrypt(bytes(12), padded, aad)
    assert vector["blob_aad"] == aad.hex()
    assert (vector["blob_bytes"], vector["blob_sha256"]) == (len(blob), hashlib.sha256(blob).hexdigest())
    assert seal_blob(blob_key, session_id, vector["seq"], image) == blob
    assert open_blob(blob_key, session_id, vector["seq"], blob) == image


def test_the_tree_is_what_the_document_says(vectors: dict[str, dict[str, Any]]) -> None:
    vector = vectors["tree"]
    leaves = [bytes.fromhex(leaf) for leaf in vector["leaves"]]
    assert leaves == [frame.leaf for frame in plain_frames(bytes.fromhex(vectors["segment"]["segment"]))]
    assert vector["roots"] == [naive_root(leaves[:size]).hex() for size in range(4)]
    assert vector["inclusion_0_of_3"] == [step.hex() for step in naive_path(0, leaves)]
    assert vector["inclusion_2_of_3"] == [step.hex() for step in naive_path(2, leaves)]
    assert vector["consistency_1_to_3"] == [step.hex() for step in naive_subproof(1, leaves)]
    assert vector["consistency_2_to_3"] == [step.hex() for step in naive_subproof(2, leaves)]
    tree = Tree(leaves)
    proof = [bytes.fromhex(step) for step in vector["inclusion_0_of_3"]]
    verify_inclusion(0, 3, leaves[0], proof, tree.root())


def test_note_cosignature_and_request_are_what_the_document_says(vectors: dict[str, dict[str, Any]]) -> None:
    vector, keys = vectors["note"], vectors["keys"]
    origin = f"fairwitness/{vectors['six_words']['fingerprint']}/{keys['session_id']}"
    note = parse_note(vector["note"].encode())
    assert vector["origin"] == origin
    session_public, witness_public = bytes.fromhex(keys["session_public"]), bytes.fromhex(keys["witness_public"])
    verify_note(note, origin, session_public)
    assert vector["key_id"] == sha256(origin.encode(), b"\n\x01", session_public)[:4].hex()
    checkpoint = parse_checkpoint(note.text)
    assert (checkpoint.size, checkpoint.root.hex()) == (3, vectors["tree"]["roots"][3])
    line = vector["cosignature"]
    assert verify_cosignature(note.text, line, vector["witness_name"], witness_public) == vector["time_s"]
    raw = decode_base64(line.rpartition(" ")[2])
    assert raw[:4] == sha256(vector["witness_name"].encode(), b"\n\x04", witness_public)[:4]
    signed = f"cosignature/v1\ntime {vector['time_s']}\n{note.text}".encode()
    Ed25519PublicKey.from_public_bytes(witness_public).verify(raw[12:], signed)
    request = parse_add_checkpoint(vector["add_checkpoint"].encode())
    assert (request.old, request.note) == (2, vector["note"].encode())
    roots = [bytes.fromhex(root) for root in vectors["tree"]["roots"]]
    verify_consistency(2, 3, request.proof, roots[2], roots[3])


def test_the_wrap_opens_by_both_implementations(vectors: dict[str, dict[str, Any]]) -> None:
    vector, keys = vectors["wrap"], vectors["keys"]
    parts = ("six_words", "fingerprint"), ("keys", "session_id"), ("keys", "policy_sha256")
    org_fp, session_id, policy = (vectors[group][name] for group, name in parts)
    public = bytes.fromhex(vector["reader_public"])
    info = wrap_info(org_fp, session_id, policy, public, keys["ckc_s"], keys["ckc_w"])
    assert vector["info"] == info.hex()
    wrapped, secret = bytes.fromhex(vector["wrap"]), bytes.fromhex(vector["secret"])
    assert unwrap(wrapped, ReadingKey.from_seed(bytes.fromhex(vector["reader_seed"])), info) == secret
    context = hpke_recipient(wrapped[:32], bytes.fromhex(vector["reader_seed"]), info)
    assert context.open(wrapped[32:], b"") == secret
    assert (context.aead_key.hex(), context.base_nonce.hex()) == (vector["aead_key"], vector["base_nonce"])


def test_keys_and_words_are_what_the_document_says(vectors: dict[str, dict[str, Any]]) -> None:
    keys, words = vectors["keys"], vectors["six_words"]
    for key_class in ("s", "w"):
        content_key = bytes.fromhex(keys[f"content_key_{key_class}"])
        assert keys[f"ckc_{key_class}"] == sha256(b"\x04", key_class.encode(), content_key).hex()
    for whose in ("session", "witness"):
        assert SigningKey.from_seed(bytes.fromhex(keys[f"{whose}_seed"])).public.hex() == keys[f"{whose}_public"]
    assert words["fingerprint"] == sha256(bytes.fromhex(keys["root_public"])).hex()
    assert list(six_words(words["fingerprint"])) == words["words"]
