#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "client/error.h"
#include "client/files/descriptor.h"

namespace qpq::client::files {

// A file of this machine that is to be sent.
class SourceFile {
 public:
  // fileUnusable: it is not there, may not be read, or is no plain file. Waits for nobody, also if it is a pipe.
  static Result<SourceFile> open(const std::string& path);

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }
  // When it was changed last, by its disk: a program that wants to can set it.
  int64_t modifiedNs() const { return modifiedNs_; }
  // Exactly so many bytes. fileChanged: there are not so many any more.
  Result<Bytes> read(uint64_t offset, std::size_t size) const;
  // fileChanged: it has been written since it was opened.
  Result<void> checkUnchanged() const;

 private:
  SourceFile(std::string path, Descriptor descriptor): path_(std::move(path)), descriptor_(std::move(descriptor)) {}
  std::string path_;
  Descriptor descriptor_;
  uint64_t size_ = 0;
  int64_t modifiedNs_ = 0;
};

Error fileChanged(const std::string& path);

}  // namespace qpq::client::files
