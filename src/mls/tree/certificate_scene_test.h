#pragma once

#include <algorithm>
#include <string_view>

#include "base/bytes.h"

namespace qpq::mls {

// An Ed25519 key, and a self-signed certificate for it.
inline constexpr std::string_view kPrivate = "50d243014b2540ef9799d56645dde614a6ebbea22955b5a3cf710c097553a763";
inline constexpr std::string_view kPublic = "5a6e4f0c8d652daf1cae2d95b2b5a566916dcd8bec832ff2ff45a614e222629a";
inline constexpr std::string_view kCertificate =
    "308201343081e7a0030201020214125359000c28c577097ebe3ee0db35a2d82b3074300506032b65703010310e300c06035504030c0561"
    "6c696365301e170d3236313132333039323935345a170d3336313132303039323935345a3010310e300c06035504030c05616c69636530"
    "2a300506032b65700321005a6e4f0c8d652daf1cae2d95b2b5a566916dcd8bec832ff2ff45a614e222629aa3533051301d0603551d0e04"
    "1604146cbbd8ab295673090b430754f45429205054bd4e301f0603551d230418301680146cbbd8ab295673090b430754f45429205054bd"
    "4e300f0603551d130101ff040530030101ff300506032b65700341009f978a5efbb41cd3181de93c314a6067e1cb9fe69bd2431b0c6859"
    "e4208ff2567eec1ee1a3e144c6a79b8566684f6e2822600e99868a23af263c87c1c7f38501";

// The same for another Ed25519 key. Its signature is not ours to check, so it may stay.
inline Bytes certificateFor(ByteView publicKey) {
  Bytes certificate = *fromHex(kCertificate);
  Bytes before = *fromHex(kPublic);
  auto at = std::ranges::search(certificate, before).begin();
  std::ranges::copy(publicKey, at);
  return certificate;
}

}  // namespace qpq::mls
