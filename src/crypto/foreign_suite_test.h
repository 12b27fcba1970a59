#pragma once

#include "crypto/suite.h"

// A suite of somebody else's, for tests against it: ts-mls has X-Wing as number 83, with SHA-512 and with the key
// derivation of the X-Wing draft. No program of ours offers it.
namespace qpq::crypto {

inline constexpr Suite kSuiteTsMls83{83,
                                     "MLS_256_XWING_AES256GCM_SHA512_Ed25519",
                                     KemId::mlkem768X25519Unlabelled,
                                     HashId::sha512,
                                     AeadId::aes256Gcm,
                                     SignatureId::ed25519};

}  // namespace qpq::crypto
