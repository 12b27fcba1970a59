#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "client/error.h"
#include "client/files/descriptor.h"
#include "client/view.h"

namespace qpq::client::files {

// A file that is being saved: 0600, in the folder it is for, and under its name only when all of it is on the disk.
// Until then it has no name at all where the filesystem can do that, so that nothing is left behind, however this
// program ends; elsewhere a name of its own that goes with this object.
class TargetFile {
 public:
  enum class Unfinished { nameless, named };
  // `to` is a folder, where it is called `name`, or its path. There must be room for `size` bytes.
  // fileExists, fileUnusable, diskFull.
  static Result<TargetFile> open(const std::string& to, const std::string& name, uint64_t size, Existing existing,
                                 Random& random, Unfinished unfinished = Unfinished::nameless);
  TargetFile(TargetFile&& other) noexcept;
  TargetFile& operator=(TargetFile&&) = delete;
  ~TargetFile();

  Result<void> write(ByteView bytes);
  // Synced and under its name, which is given back. fileExists: one came meanwhile.
  Result<std::string> keep();

 private:
  TargetFile(std::string folder, std::string name, std::string ownName, Existing existing, Descriptor descriptor)
      : folder_(std::move(folder)),
        name_(std::move(name)),
        ownName_(std::move(ownName)),
        existing_(existing),
        descriptor_(std::move(descriptor)) {}
  std::string path() const { return folder_ + "/" + name_; }
  std::string ownPath() const { return folder_ + "/" + ownName_; }
  static Result<TargetFile> openNamed(TargetFile like, uint64_t size);
  Result<void> reserve(uint64_t size);

  std::string folder_;
  std::string name_;
  std::string ownName_;      // until it is kept
  bool hasOwnName_ = false;  // whether it stands in the folder under it
  Existing existing_;
  Descriptor descriptor_;
};

}  // namespace qpq::client::files
