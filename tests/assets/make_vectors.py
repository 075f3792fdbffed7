# SPDX-License-Identifier: Apache-2.0
"""Writes `vectors.json`, the worked examples of docs/session-format.md, from fixed keys, salts and times.

Run as `python tests/assets/make_vectors.py`; tests/unit/test_frames_vectors.py runs `vectors()` and compares byte for
byte. The keys here are known to everybody: nothing real may ever use one. The wrap comes from the second implementation
of HPKE in tests/helpers, since only there can the ephemeral key be fixed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import zlib
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1] / "helpers"), str(Path(__file__).parents[2])]

import msgspec
from format_independent import hpke_sender

from session.crypto.aead import content_key_commitment, pad, seal_blob
from session.crypto.hpke import ReadingKey, wrap_info
from session.crypto.recovery_code import code_words, person_keys
from session.crypto.signing import SigningKey, fingerprint, six_words
from session.events import Capture, CapturePublic, Edge, Focus, FocusChange, Gap, Reason
from session.frames import (
    MAGIC,
    Frame,
    encode_frame,
    encode_payload,
    frame_key,
    public_frame,
    seal_frame,
)
from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of
from session.log.cosign import cosign
from session.log.merkle import Tree
from session.log.note import ED25519, key_id, note_bytes, sign_note
from session.log.proof import AddCheckpoint, format_add_checkpoint
from session.trust.pairing import DeviceAnswer, DeviceRequest, invitation_message, pairing_info

SESSION_ID = bytes(range(0x10, 0x20))
CONTENT_S = b"\x51" * 32
CONTENT_W = b"\x52" * 32
ROOT_KEY = SigningKey.from_seed(b"\x01" * 32)
SESSION_KEY = SigningKey.from_seed(b"\x02" * 32)
WITNESS_KEY = SigningKey.from_seed(b"\x03" * 32)
READER = ReadingKey.from_seed(b"\x04" * 32)
EPHEMERAL_SEED = b"\x05" * 32
BLOB_KEY = b"\x06" * 32
FOCUS_SALT = b"\x07" * 16
CAPTURE_SALT = b"\x08" * 16
RECOVERY = bytes(range(0x20, 0x40))
DEVICE_CODE = "abcdefgh23456789jkmnpq"
POLICY_SHA256 = hashlib.sha256(b"a policy").hexdigest()
T_US = 1_795_305_600_000_000
MONO_US = 86_400_000_000
TIME_S = T_US // 1_000_000 + 31
IMAGE = b"not really a picture"
FOCUS = encode_payload(Focus(T_US + 5_000_000, MONO_US + 5_000_000, (FocusChange(MONO_US + 1_000_000, 1, "editor"),)))
CAPTURE = zlib.compress(
    msgspec.json.encode(
        Capture(
            t_us=T_US + 6_000_000,
            mono_us=MONO_US + 6_000_000,
            monitor=1,
            x_px=0,
            y_px=0,
            width_px=1920,
            height_px=1080,
            mime="image/webp",
            size_bytes=len(IMAGE),
            blob_key=BLOB_KEY.hex(),
            dhash="0123456789abcdef",
        ),
    ),
    0,
)
"""A zlib stream of stored blocks, so that no zlib anywhere writes it otherwise."""

Vector = dict[str, str | int | list[str]]


def vectors() -> dict[str, Vector]:
    """Every worked example by its name; byte strings are lower-case hexadecimal."""
    gap = public_frame(4, 2, encode_payload(Gap(T_US, MONO_US, Edge.BEGIN, Reason.PAUSE, "session")))
    focus = _sealed_focus()
    capture, blob = _sealed_capture()
    frames = [gap, focus, capture]
    tree = Tree(frame.leaf for frame in frames)
    segment = MAGIC + b"".join(encode_frame(frame) for frame in frames)
    return {
        "keys": _keys(),
        "public_frame": _public(gap),
        "sealed_frame": _sealed(focus),
        "absent_frame": {"frame": encode_frame(focus.absent()).hex(), "leaf": focus.absent().leaf.hex()},
        "capture": _captured(capture, blob),
        "tree": {
            "leaves": [frame.leaf.hex() for frame in frames],
            "roots": [tree.root(size).hex() for size in range(4)],
            "inclusion_0_of_3": [step.hex() for step in tree.inclusion(0, 3)],
            "inclusion_2_of_3": [step.hex() for step in tree.inclusion(2, 3)],
            "consistency_1_to_3": [step.hex() for step in tree.consistency(1, 3)],
            "consistency_2_to_3": [step.hex() for step in tree.consistency(2, 3)],
        },
        "segment": {"segment": segment.hex(), "sha256": hashlib.sha256(segment).hexdigest()},
        "note": _note(tree),
        "wrap": _wrap(),
        "six_words": {"fingerprint": fingerprint(ROOT_KEY.public), "words": list(six_words(fingerprint(ROOT_KEY.public)))},
        "recovery_code": _recovery_code(),
        "second_device": _second_device(),
    }


def _keys() -> Vector:
    return {
        "session_id": SESSION_ID.hex(),
        "content_key_s": CONTENT_S.hex(),
        "content_key_w": CONTENT_W.hex(),
        "ckc_s": content_key_commitment("s", CONTENT_S).hex(),
        "ckc_w": content_key_commitment("w", CONTENT_W).hex(),
        "root_public": ROOT_KEY.public.hex(),
        "session_seed": SESSION_KEY.seed.hex(),
        "session_public": SESSION_KEY.public.hex(),
        "witness_seed": WITNESS_KEY.seed.hex(),
        "witness_public": WITNESS_KEY.public.hex(),
        "policy_sha256": POLICY_SHA256,
    }


def _sealed_focus() -> Frame:
    return seal_frame(33, 3, FOCUS, content_key=CONTENT_S, session_id=SESSION_ID, salt=FOCUS_SALT)


def _sealed_capture() -> tuple[Frame, bytes]:
    blob = seal_blob(BLOB_KEY, SESSION_ID, 4, IMAGE)
    frame = seal_frame(
        35,
        4,
        CAPTURE,
        content_key=CONTENT_S,
        session_id=SESSION_ID,
        salt=CAPTURE_SALT,
        public=encode_payload(CapturePublic(hashlib.sha256(blob).hexdigest())),
    )
    return frame, blob


def _public(frame: Frame) -> Vector:
    return {
        "kind": frame.kind,
        "seq": frame.seq,
        "payload": frame.public.decode("ascii"),
        "p": frame.p.hex(),
        "leaf": frame.leaf.hex(),
        "frame": encode_frame(frame).hex(),
    }


def _sealed(frame: Frame) -> Vector:
    record_key = frame_key(frame, CONTENT_S, SESSION_ID)
    return {
        "kind": frame.kind,
        "seq": frame.seq,
        "payload": FOCUS.decode("ascii"),
        "padded_bytes": len(pad(FOCUS, 512)),
        "p": frame.p.hex(),
        "salt": FOCUS_SALT.hex(),
        "rk_info": (b"fairwitness/v1/record" + SESSION_ID + frame.header).hex(),
        "rk": record_key.secret.hex(),
        "kc": record_key.commitment.hex(),
        "ct": frame.tail[48:].hex(),
        "commit": frame.commit.hex(),
        "leaf": frame.leaf.hex(),
        "frame": encode_frame(frame).hex(),
    }


def _captured(frame: Frame, blob: bytes) -> Vector:
    return {
        "kind": frame.kind,
        "seq": frame.seq,
        "public": frame.public.decode("ascii"),
        "payload_zlib": CAPTURE.hex(),
        "payload": zlib.decompress(CAPTURE).decode("ascii"),
        "image": IMAGE.hex(),
        "blob_key": BLOB_KEY.hex(),
        "blob_aad": (b"fairwitness/v1/blob" + SESSION_ID + (4).to_bytes(8, "big")).hex(),
        "blob_bytes": len(blob),
        "blob_sha256": hashlib.sha256(blob).hexdigest(),
        "leaf": frame.leaf.hex(),
    }


def _note(tree: Tree) -> Vector:
    organisation = fingerprint(ROOT_KEY.public)
    origin = origin_of(organisation, SESSION_ID.hex())
    witness = f"fairwitness/{organisation}/witness"
    text = format_checkpoint(CheckpointText(origin, tree.size, tree.root()))
    note = note_bytes(text, sign_note(text, origin, SESSION_KEY))
    request = AddCheckpoint(2, tree.consistency(2, 3), note)
    return {
        "origin": origin,
        "key_id": key_id(origin, ED25519, SESSION_KEY.public).hex(),
        "note": note.decode("utf-8"),
        "witness_name": witness,
        "time_s": TIME_S,
        "cosignature": cosign(text, witness, WITNESS_KEY, TIME_S),
        "add_checkpoint": format_add_checkpoint(request).decode("utf-8"),
    }


def _wrap() -> Vector:
    ckc_s, ckc_w = content_key_commitment("s", CONTENT_S).hex(), content_key_commitment("w", CONTENT_W).hex()
    info = wrap_info(fingerprint(ROOT_KEY.public), SESSION_ID.hex(), POLICY_SHA256, READER.public, ckc_s, ckc_w)
    enc, context = hpke_sender(EPHEMERAL_SEED, READER.public, info)
    return {
        "reader_seed": READER.seed.hex(),
        "reader_public": READER.public.hex(),
        "info": info.hex(),
        "ephemeral_seed": EPHEMERAL_SEED.hex(),
        "enc": enc.hex(),
        "aead_key": context.aead_key.hex(),
        "base_nonce": context.base_nonce.hex(),
        "secret": CONTENT_S.hex(),
        "wrap": (enc + context.seal(CONTENT_S, b"")).hex(),
    }


def _recovery_code() -> Vector:
    organisation = fingerprint(ROOT_KEY.public)
    keys = person_keys(RECOVERY, organisation)
    return {
        "secret": RECOVERY.hex(),
        "words": list(code_words(RECOVERY)),
        "organisation": organisation,
        "signing_seed": keys.signing.seed.hex(),
        "signing_public": keys.signing.public.hex(),
        "reading_seed": keys.reading.seed.hex(),
        "reading_public": keys.reading.public.hex(),
    }


def _second_device() -> Vector:
    organisation = fingerprint(ROOT_KEY.public)
    signing = person_keys(RECOVERY, organisation).signing.public
    request = DeviceRequest("Ada's laptop", SESSION_KEY.public.hex(), READER.public.hex())
    clear = DeviceAnswer("https://platform.example", organisation, "ada", signing.hex(), str(TIME_S + 600), sealed="-")
    info = pairing_info(request, clear)
    enc, context = hpke_sender(EPHEMERAL_SEED, READER.public, info)
    sealed = base64.urlsafe_b64encode(enc + context.seal(RECOVERY + DEVICE_CODE.encode(), b"")).decode().rstrip("=")
    return {
        "request": str(request),
        "request_sha256": request.digest.hex(),
        "request_words": list(request.words),
        "transport_seed": READER.seed.hex(),
        "code": DEVICE_CODE,
        "answer_sha256": clear.digest(request).hex(),
        "answer_words": list(clear.words(request)),
        "info": info.hex(),
        "ephemeral_seed": EPHEMERAL_SEED.hex(),
        "answer": str(msgspec.structs.replace(clear, sealed=sealed)),
        "invite": invitation_message(
            organisation, "ada", device=request.name, device_key=request.signing, at_us=TIME_S * 1_000_000
        ).hex(),
    }


def as_json() -> str:
    """The text of `vectors.json`."""
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("vectors.json").write_text(as_json(), encoding="utf-8")
