"""Checks what `keshi audit ... --json` wrote, with the standard library alone (and Ed25519 where `cryptography` is there).

    python3 proofs.py PUBLIC-KEY CHECKPOINT.json INCLUSION.json CONSISTENCY.json

Says one line for each, and ends with 1 if anything does not hold. It shares no code with Keshi: RFC 6962's tree and C2SP's
signed-note, written from the specifications.
"""
import base64
import hashlib
import json
import sys


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of_path(leaf, index, size, path):
    """RFC 6962, 2.1.1, backwards: the root that the path leads to, splitting as the definition does."""
    if size == 1:
        return leaf if not path else None
    k = 1 << (size - 1).bit_length() - 1
    *inner, last = path
    if index < k:
        return node(root_of_path(leaf, index, k, inner), last)
    return node(last, root_of_path(leaf, index - k, size - k, inner))


def roots_of_consistency(old, new, proof, old_root, whole=True):
    """RFC 6962, 2.1.2, backwards: the roots at both sizes that the proof leads to."""
    if old == new:
        if whole:
            return (old_root, old_root) if not proof else None
        (only,) = proof
        return only, only
    k = 1 << (new - 1).bit_length() - 1
    *inner, last = proof
    if old <= k:
        was, now = roots_of_consistency(old, k, inner, old_root, whole)
        return was, node(now, last)
    was, now = roots_of_consistency(old - k, new - k, inner, old_root, False)
    return node(last, was), node(last, now)


def opened(checkpoint, vkey):
    """Size and root of a checkpoint that the key has signed."""
    text, _, signatures = checkpoint["note"].rpartition("\n\n")
    text += "\n"
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    assert key[:1] == b"\x01" and hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] == key_id
    lines = [line.split(" ") for line in signatures.splitlines()]
    signed = [base64.b64decode(sig) for dash, who, sig in lines if dash == "\u2014" and who == name]
    (signature,) = [sig[4:] for sig in signed if sig[:4].hex() == key_id]
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature, text.encode())
    except ImportError:
        print("signature not checked: no package cryptography")
    origin, size, root = text.splitlines()
    assert origin == name
    return int(size), base64.b64decode(root)


def main(vkey, *files):
    checkpoint, inclusion, consistency = (json.load(open(name, encoding="utf-8")) for name in files)
    size, root = opened(checkpoint, vkey)
    print(f"checkpoint of {size}")
    leaf = hashlib.sha256(b"\x00" + base64.b64decode(inclusion["entry"])).digest()
    index, path = int(inclusion.get("index", 0)), [base64.b64decode(hash) for hash in inclusion.get("hashes", [])]
    size, root = opened(inclusion["checkpoint"], vkey)
    assert root_of_path(leaf, index, size, path) == root, "the entry is not in the ledger"
    print(f"entry {index} of {size}")
    proof = [base64.b64decode(hash) for hash in consistency.get("hashes", [])]
    (old, old_root), (new, new_root) = opened(consistency["older"], vkey), opened(consistency["newer"], vkey)
    assert roots_of_consistency(old, new, proof, old_root) == (old_root, new_root), "the ledger went another way"
    print(f"{old} went on to {new}")


if __name__ == "__main__":
    main(*sys.argv[1:])
