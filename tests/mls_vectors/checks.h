#pragma once

#include "support/json.h"

// One function a format: verifies one case, throws at the first thing that is not as it should be. What each proves is
// told in test-vectors.md of github.com/mlswg/mls-implementations.
namespace qpq::mls::vectors {

// messages.cc: codecs
void checkDeserialization(const test::Json& vector);
void checkMessages(const test::Json& vector);

// schedule.cc: labelled crypto and the key schedule
void checkCryptoBasics(const test::Json& vector);
void checkPskSecret(const test::Json& vector);
void checkTranscriptHashes(const test::Json& vector);
void checkKeySchedule(const test::Json& vector);
void checkSecretTree(const test::Json& vector);

// protection.cc
void checkMessageProtection(const test::Json& vector);
void checkWelcome(const test::Json& vector);

// tree.cc
void checkTreeMath(const test::Json& vector);
void checkTreeOperations(const test::Json& vector);
void checkTreeValidation(const test::Json& vector);

// treekem.cc
void checkTreeKem(const test::Json& vector);

// passive_client.cc
void checkPassiveClient(const test::Json& vector);

}  // namespace qpq::mls::vectors
