#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/secret.h"
#include "wire/error.h"
#include "wire/types.h"

namespace qpq::wire {

// The body of a Content of type `file`: where the sealed file lies at the server, and what opens it.
struct File {
  Bytes name;         // UTF-8, as its sender wrote it: harmlessFileName() before anything is done with it
  uint64_t size = 0;  // of the file itself
  Secret<32> key;
  Hash hash{};          // of the sealed file, which is its name at the server
  uint64_t length = 0;  // of the sealed file (sealed_file.h)
};

SecretBytes encodeFile(const File& file);
// notUtf8: the name; tooLarge: kFileNameSizeMax, kFileSizeMax; fileLength: `length` is not that of a sealed file of
// `size` with at most an eighth or 256 bytes of padding.
Result<File> parseFile(ByteView body);

// A name to show and to save under, whatever the sender wrote: one name without folders, nothing that a terminal or a
// reader takes for something else, no leading dot or dash, at most kFileNameSizeMax bytes, and never empty.
std::string harmlessFileName(ByteView name);

}  // namespace qpq::wire
