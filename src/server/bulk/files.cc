#include "server/bulk/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <format>
#include <utility>

#include "server/limits.h"

namespace qpq::server {

namespace {

constexpr std::size_t kChunk = kBulkChunkSize;
// After so much the kernel is told to write a file that comes in to the disk.
constexpr std::size_t kWriteOutBytes = 8 << 20;

std::unexpected<std::string> failed(const std::string& path) {
  return std::unexpected(std::format("{}: {}", path, std::strerror(errno)));
}

FileResult<void> syncFolder(const std::string& path) {
  OpenFile folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return failed(path);
  return {};
}

// Also where it is there already: whoever made it may not have come to the sync.
FileResult<void> makeFolder(const std::string& parent, const std::string& name) {
  std::string path = parent + "/" + name;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed(path);
  return syncFolder(parent);
}

FileResult<void> writeAll(const OpenFile& file, const std::string& path, ByteView bytes) {
  while (!bytes.empty()) {
    ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed(path);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

// As many bytes as there are, up to the size of `into`.
FileResult<std::size_t> readUpTo(const OpenFile& file, const std::string& path, ByteSpan into) {
  std::size_t size = 0;
  while (size < into.size()) {
    ssize_t got = ::read(file.get(), into.data() + size, into.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return size;
}

FileResult<uint64_t> sizeOf(const OpenFile& file, const std::string& path) {
  struct stat found{};
  if (::fstat(file.get(), &found) != 0) return failed(path);
  return static_cast<uint64_t>(found.st_size);
}

wire::Hash hashFrom(crypto::Hasher&& hasher) {
  wire::Hash hash{};
  std::ranges::copy(std::move(hasher).finish(), hash.begin());
  return hash;
}

// The names in a folder; none if it is not there.
FileResult<std::vector<std::string>> namesIn(const std::string& path) {
  std::vector<std::string> names;
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr && errno == ENOENT) return names;
  if (folder == nullptr) return failed(path);
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(folder);
  return names;
}

}  // namespace

OpenFile::OpenFile(OpenFile&& other) noexcept: descriptor_(std::exchange(other.descriptor_, -1)) {}
OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

// ---- names

std::string BlobFiles::pathOf(const wire::Hash& hash) const {
  std::string name = toHex(hash);
  return std::format("{}/{}/{}/{}", folder_, name.substr(0, 2), name.substr(2, 2), name);
}

std::string BlobFiles::incomingPath(int64_t upload) const { return std::format("{}/incoming/{}", folder_, upload); }

FileResult<void> BlobFiles::makeIncoming() const {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return failed(folder_);
  std::string path = folder_ + "/incoming";
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed(path);
  return {};
}

FileResult<void> BlobFiles::makeFoldersFor(const wire::Hash& hash) const {
  std::string name = toHex(hash);
  std::filesystem::path folder(folder_);
  std::filesystem::path parent = folder.parent_path();
  TRY(makeFolder(parent.empty() ? "." : parent.string(), folder.filename().string()));
  TRY(makeFolder(folder_, name.substr(0, 2)));
  return makeFolder(folder_ + "/" + name.substr(0, 2), name.substr(2, 2));
}

// ---- reading

FileResult<uint64_t> BlobFiles::received(int64_t upload) const {
  struct stat found{};
  std::string path = incomingPath(upload);
  if (::stat(path.c_str(), &found) == 0) return static_cast<uint64_t>(found.st_size);
  if (errno == ENOENT) return 0;
  return failed(path);
}

FileResult<Bytes> BlobFiles::read(const wire::Hash& hash, uint64_t size) const {
  std::string path = pathOf(hash);
  OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return failed(path);
  if (TRY(sizeOf(file, path)) != size) return std::unexpected(path + ": it has another size");
  Bytes bytes(size);
  if (TRY(readUpTo(file, path, bytes)) != size) return std::unexpected(path + ": it has another size");
  return bytes;
}

FileResult<BlobFiles::Condition> BlobFiles::look(const wire::Hash& hash, uint64_t size) const {
  std::string path = pathOf(hash);
  OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return Condition::missing;
  if (file.get() < 0) return failed(path);
  if (TRY(sizeOf(file, path)) != size) return Condition::otherSize;
  crypto::Hasher hasher(crypto::HashId::sha256);
  Bytes chunk(kChunk);
  for (;;) {
    std::size_t got = TRY(readUpTo(file, path, chunk));
    if (got == 0) break;
    hasher.update(ByteView(chunk).first(got));
  }
  return hashFrom(std::move(hasher)) == hash ? Condition::sound : Condition::otherBytes;
}

// ---- keeping and removing

FileResult<void> BlobFiles::keep(int64_t upload, const wire::Hash& hash) const {
  std::string path = pathOf(hash);
  if (::rename(incomingPath(upload).c_str(), path.c_str()) != 0) return failed(path);
  return syncFolder(std::filesystem::path(path).parent_path().string());
}

void BlobFiles::drop(int64_t upload) const { ::unlink(incomingPath(upload).c_str()); }

void BlobFiles::remove(const std::vector<wire::Hash>& hashes) const {
  std::string path = folder_ + "/lock";
  OpenFile lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.get() < 0 || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return;
  for (const wire::Hash& hash : hashes) ::unlink(pathOf(hash).c_str());
}

FileResult<OpenFile> BlobFiles::holdStill() const {
  TRY(makeIncoming());
  std::string path = folder_ + "/lock";
  OpenFile lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.get() < 0 || ::flock(lock.get(), LOCK_SH) != 0) return failed(path);
  return lock;
}

// ---- sweeping and copying

FileResult<std::vector<wire::Hash>> BlobFiles::whole(uint8_t firstByte) const {
  std::vector<wire::Hash> found;
  std::string first = folder_ + "/" + toHex(ByteView(&firstByte, 1));
  for (const std::string& second : TRY(namesIn(first))) {
    for (const std::string& name : TRY(namesIn(first + "/" + second))) {
      auto bytes = fromHex(name);
      wire::Hash hash{};
      if (!bytes || bytes->size() != hash.size()) continue;
      std::ranges::copy(*bytes, hash.begin());
      found.push_back(hash);
    }
  }
  return found;
}

FileResult<std::vector<int64_t>> BlobFiles::unfinished() const {
  std::vector<int64_t> found;
  for (const std::string& name : TRY(namesIn(folder_ + "/incoming"))) {
    int64_t upload = 0;
    auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), upload);
    if (problem == std::errc() && end == name.data() + name.size()) found.push_back(upload);
  }
  return found;
}

FileResult<void> BlobFiles::copyTo(const BlobFiles& to, const wire::Hash& hash) const {
  std::string path = to.pathOf(hash);
  std::string beside = path + ".part";
  OpenFile from(::open(pathOf(hash).c_str(), O_RDONLY | O_CLOEXEC));
  if (from.get() < 0) return failed(pathOf(hash));
  TRY(to.makeFoldersFor(hash));
  OpenFile file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.get() < 0) return failed(beside);
  Bytes chunk(kChunk);
  for (;;) {
    std::size_t got = TRY(readUpTo(from, path, chunk));
    if (got == 0) break;
    TRY(writeAll(file, beside, ByteView(chunk).first(got)));
  }
  if (::fsync(file.get()) != 0 || ::rename(beside.c_str(), path.c_str()) != 0) return failed(beside);
  return syncFolder(std::filesystem::path(path).parent_path().string());
}

FileResult<void> BlobFiles::linkAllTo(const BlobFiles& to) const {
  for (int first = 0; first < 256; ++first) {
    for (const wire::Hash& hash : TRY(whole(static_cast<uint8_t>(first)))) {
      TRY(to.makeFoldersFor(hash));
      std::string path = to.pathOf(hash);
      if (::link(pathOf(hash).c_str(), path.c_str()) != 0 && errno != EEXIST) return failed(path);
      TRY(syncFolder(std::filesystem::path(path).parent_path().string()));
    }
  }
  return {};
}

// ---- coming in

FileResult<std::optional<IncomingFile>> IncomingFile::open(const BlobFiles& files, int64_t upload, uint64_t offset) {
  TRY(files.makeIncoming());
  std::string path = files.incomingPath(upload);
  OpenFile opened(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (opened.get() < 0) return failed(path);
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  IncomingFile file(files, path, std::move(opened));
  if (!TRY(file.hashFirst(offset))) return std::nullopt;
  if (::ftruncate(file.file_.get(), static_cast<off_t>(offset)) != 0) return failed(path);
  return std::move(file);
}

FileResult<bool> IncomingFile::hashFirst(uint64_t size) {
  Bytes chunk(kChunk);
  while (size > 0) {
    auto wanted = static_cast<std::size_t>(std::min<uint64_t>(size, chunk.size()));
    if (TRY(readUpTo(file_, path_, ByteSpan(chunk).first(wanted))) != wanted) return false;
    hasher_.update(ByteView(chunk).first(wanted));
    size -= wanted;
  }
  return true;
}

FileResult<void> IncomingFile::append(ByteView bytes) {
  TRY(writeAll(file_, path_, bytes));
  hasher_.update(bytes);
  written_ += bytes.size();
  if (written_ < kWriteOutBytes) return {};
  // Only begun: otherwise all of it would wait for finish(), and whoever syncs beside would wait with it. If it fails,
  // fsync() says so.
  ::sync_file_range(file_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
  written_ = 0;
  return {};
}

FileResult<bool> IncomingFile::finish(const wire::Hash& hash) {
  if (hashFrom(std::move(hasher_)) != hash) return false;
  if (::fsync(file_.get()) != 0) return failed(path_);
  TRY(files_->makeFoldersFor(hash));
  return true;
}

// ---- going out

FileResult<std::optional<OutgoingFile>> OutgoingFile::open(const BlobFiles& files, const wire::Hash& hash,
                                                           uint64_t offset) {
  std::string path = files.pathOf(hash);
  OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::nullopt;
  if (file.get() < 0 || ::lseek(file.get(), static_cast<off_t>(offset), SEEK_SET) < 0) return failed(path);
  return OutgoingFile(path, std::move(file));
}

FileResult<Bytes> OutgoingFile::next(std::size_t size) {
  Bytes bytes(size);
  if (TRY(readUpTo(file_, path_, bytes)) != size) return std::unexpected(path_ + ": it ends too early");
  return bytes;
}

}  // namespace qpq::server
