#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "wire/types.h"

// Bytes that lie in files of their own, below one folder: FOLDER/ab/cd/HASH for a whole one, by its SHA-256, and
// FOLDER/incoming/KEY for one that is still arriving. What they are for is the store's to know (store/holdings.h). All
// of it blocks.
//
// The writer's thread alone gives files their names and takes them away, so that no file goes while a flush begins to
// name it.
namespace qpq::server {

template <class T>
using FileResult = std::expected<T, std::string>;  // what has failed, for the operator: it names paths

// A descriptor that is closed at its end.
class OpenFile {
 public:
  explicit OpenFile(int descriptor): descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile();

  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

class BlobFiles {
 public:
  explicit BlobFiles(std::string folder): folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }
  std::string pathOf(const wire::Hash& hash) const;
  std::string incomingPath(int64_t upload) const;

  // How many bytes of an unfinished upload are here.
  FileResult<uint64_t> received(int64_t upload) const;
  // The whole of a file of this size; another size is a failure.
  FileResult<Bytes> read(const wire::Hash& hash, uint64_t size) const;
  // Whether the file is there with this size and hash.
  enum class Condition { sound, missing, otherSize, otherBytes };
  FileResult<Condition> look(const wire::Hash& hash, uint64_t size) const;

  // ---- On the writer's thread.
  // The finished upload becomes the file of this hash; durable when this returns. IncomingFile::finish() has been
  // called.
  FileResult<void> keep(int64_t upload, const wire::Hash& hash) const;
  void drop(int64_t upload) const;
  // Nothing names these any more. While somebody holds them still they stay, and are swept another day.
  void remove(const std::vector<wire::Hash>& hashes) const;

  // ---- For sweeping and copying.
  // The whole files whose hash begins with this byte, and every unfinished upload.
  FileResult<std::vector<wire::Hash>> whole(uint8_t firstByte) const;
  FileResult<std::vector<int64_t>> unfinished() const;
  // While this lives no file is removed, whatever the store says: for a backup. Waits for a removal under way.
  FileResult<OpenFile> holdStill() const;
  // Copies one file from here into another folder; durable when this returns.
  FileResult<void> copyTo(const BlobFiles& to, const wire::Hash& hash) const;
  // Gives every whole file a second name in another folder of the same disk; durable when this returns.
  FileResult<void> linkAllTo(const BlobFiles& to) const;

 private:
  friend class IncomingFile;
  FileResult<void> makeFoldersFor(const wire::Hash& hash) const;
  FileResult<void> makeIncoming() const;
  std::string folder_;
};

// An upload on its way into its file. Whoever has it open is alone with it.
class IncomingFile {
 public:
  // Goes on behind the first `offset` bytes, which are hashed anew; whatever lies behind them is forgotten. Nothing:
  // somebody else has it open, or there are not so many bytes.
  static FileResult<std::optional<IncomingFile>> open(const BlobFiles& files, int64_t upload, uint64_t offset);

  FileResult<void> append(ByteView bytes);
  // Whether these are the bytes of that hash. If so they are synced, and there is a folder for them. Nothing is
  // appended afterwards.
  FileResult<bool> finish(const wire::Hash& hash);

 private:
  IncomingFile(const BlobFiles& files, std::string path, OpenFile file)
      : files_(&files), path_(std::move(path)), file_(std::move(file)) {}
  FileResult<bool> hashFirst(uint64_t size);

  const BlobFiles* files_;
  std::string path_;
  OpenFile file_;
  crypto::Hasher hasher_{crypto::HashId::sha256};
  std::size_t written_ = 0;  // since the kernel was last told to write it out
};

// A whole file on its way out.
class OutgoingFile {
 public:
  // Nothing: there is no such file.
  static FileResult<std::optional<OutgoingFile>> open(const BlobFiles& files, const wire::Hash& hash, uint64_t offset);

  // The next bytes, exactly so many.
  FileResult<Bytes> next(std::size_t size);

 private:
  OutgoingFile(std::string path, OpenFile file): path_(std::move(path)), file_(std::move(file)) {}
  std::string path_;
  OpenFile file_;
};

}  // namespace qpq::server
