#!/usr/bin/env python3
"""Inputs for a fuzz target from the official MLS vectors, where they are there at all.

    seeds_from_vectors.py TARGET VECTORS CORPUS

The first byte of an input says what the rest is: its place in kChecks of mls_messages_fuzz.cc.
"""
import hashlib
import json
import pathlib
import sys

MESSAGE, GROUP_SECRETS, TREE, COMMIT, PROPOSAL = 0, 4, 7, 8, 9
FIELDS = {
    "mls_welcome": MESSAGE, "mls_group_info": MESSAGE, "mls_key_package": MESSAGE, "private_message": MESSAGE,
    "public_message_application": MESSAGE, "public_message_proposal": MESSAGE, "public_message_commit": MESSAGE,
    "ratchet_tree": TREE, "group_secrets": GROUP_SECRETS, "commit": COMMIT,
}
PROPOSALS = {"add_proposal": 1, "update_proposal": 2, "remove_proposal": 3, "pre_shared_key_proposal": 4,
             "re_init_proposal": 5, "external_init_proposal": 6, "group_context_extensions_proposal": 7}
CASES = 20


def inputs(vectors):
    for case in json.loads((vectors / "messages.json").read_text())[:CASES]:
        for field, which in FIELDS.items():
            yield bytes([which]) + bytes.fromhex(case[field])
        for field, kind in PROPOSALS.items():
            yield bytes([PROPOSAL, 0, kind]) + bytes.fromhex(case[field])
    for case in json.loads((vectors / "tree-validation.json").read_text()):
        yield bytes([TREE]) + bytes.fromhex(case["tree"])


if __name__ == "__main__":
    target, vectors, corpus = sys.argv[1], pathlib.Path(sys.argv[2]) / "mls", pathlib.Path(sys.argv[3])
    if target == "mls_messages" and vectors.is_dir():
        for data in inputs(vectors):
            (corpus / hashlib.sha1(data).hexdigest()).write_bytes(data)
