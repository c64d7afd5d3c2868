"""Checks a bundle of `keshi audit bundle` with the standard library alone (and Ed25519 where `cryptography` is there).

It shares no code with Keshi: written from ledger/docs/audit.md. Balances it does not reckon. python3 bundle.py PUBLIC-KEY BUNDLE
"""
import base64, hashlib, sys

sha = lambda data: hashlib.sha256(data).digest()


def opened(note, vkey):
    """Size and root of a checkpoint that the key has signed."""
    text, _, signatures = note.partition("\n\n")
    name, key_id, key = vkey.split("+", 2)
    key, lines = base64.b64decode(key), (text + "\n").splitlines()
    assert sha(name.encode() + b"\n" + key).hex()[:8] == key_id and lines[0] == name
    signed = [base64.b64decode(line.split(" ")[2]) for line in signatures.splitlines() if line.split(" ")[1] == name]
    (signature,) = [one[4:] for one in signed if one[:4].hex() == key_id]
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature, (text + "\n").encode())
    except ImportError:
        print("signature not checked: no package cryptography")
    return int(lines[1]), base64.b64decode(lines[2])


def root(leaves, start, end, hashes):
    """RFC 6962, 2.1, of the leaves by index; what is not there comes from the hashes, left to right."""
    here = leaves if end - start > 4096 else {at: leaves[at] for at in range(start, end) if at in leaves}
    if not any(start <= at < end for at in here):
        return next(hashes)
    if end - start == 1:
        return here[start]
    middle = start + (1 << (end - start - 1).bit_length() - 1)
    return sha(b"\x01" + root(here, start, middle, hashes) + root(here, middle, end, hashes))


def main(vkey, path):
    data = open(path, "rb").read()
    assert data[-72:-65] == b"sha256 " and sha(data[:-72]).hex() == data[-65:-1].decode(), "the file was changed"
    head, rest = data.split(b"\n\n", 1)
    assert head.startswith(b"keshi-bundle@v1\n")
    text, signatures, rest = rest.split(b"\n\n", 2)
    size, expected = opened((text + b"\n\n" + signatures).decode(), vkey)
    at, leaves, hashes, is_person = 0, {}, [], b"\nteacher " in head
    number = lambda at, width: int.from_bytes(rest[at:at + width], "big")
    if is_person:
        at = 4
    for place in range(number(0, 4) if is_person else size):
        index, at = (number(at, 8), at + 8) if is_person else (place, at)
        leaves[index], at = sha(b"\0" + rest[at + 2:at + 2 + number(at, 2)]), at + 2 + number(at, 2)
    if is_person:
        end = at + 4 + 32 * number(at, 4)
        hashes, at = [rest[k:k + 32] for k in range(at + 4, end, 32)], end
    assert rest[at:].startswith(b"balances\n"), "entries and checkpoint are of two sizes"
    assert size == 0 or root(leaves, 0, size, iter(hashes)) == expected, "the entries do not come to the root"
    print(f"{len(leaves)} of {size} entries, root {expected.hex()}")


main(*sys.argv[1:])
