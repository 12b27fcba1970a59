#include "support/faulty_vfs.h"

#include <sqlcipher/sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace qpq::test {

namespace {

struct Change {
  std::size_t offset;
  Bytes data;
  bool truncates = false;  // to `offset`
};

void apply(Bytes& content, const Change& change, std::size_t sizeKept) {
  if (change.truncates) {
    if (sizeKept > 0) content.resize(change.offset);
    return;
  }
  if (sizeKept == 0) return;
  content.resize(std::max(content.size(), change.offset + sizeKept));
  std::copy_n(change.data.begin(), sizeKept, content.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

// What a disk holds of one file: `synced` for certain, and perhaps some of what was written since.
struct OnDisk {
  Bytes synced;
  std::vector<Change> unsynced;
  bool removed = false;  // its name; whoever holds it open may still write

  void sync() {
    for (const Change& change : unsynced) apply(synced, change, std::max<std::size_t>(change.data.size(), 1));
    unsynced.clear();
  }
};

int codeFor(FaultyVfs::Call call, FaultyVfs::Reason reason) {
  if (reason == FaultyVfs::Reason::fullDisk) return SQLITE_FULL;
  switch (call) {
    case FaultyVfs::Call::open: return SQLITE_CANTOPEN;
    case FaultyVfs::Call::read: return SQLITE_IOERR_READ;
    case FaultyVfs::Call::write: return SQLITE_IOERR_WRITE;
    case FaultyVfs::Call::sync: return SQLITE_IOERR_FSYNC;
    case FaultyVfs::Call::truncate: return SQLITE_IOERR_TRUNCATE;
    case FaultyVfs::Call::remove: return SQLITE_IOERR_DELETE;
    case FaultyVfs::Call::sharedMemory: return SQLITE_IOERR_SHMMAP;
  }
  return SQLITE_IOERR;
}

}  // namespace

struct FaultyVfs::State {
  std::string name;
  sqlite3_vfs* real = nullptr;
  sqlite3_vfs vfs{};
  std::map<std::string, OnDisk> files;
  std::array<uint64_t, std::size(kCalls)> counts{};
  std::optional<Fault> fault;
  bool struck = false;
  bool powerOff = false;

  uint64_t& countOf(Call call) { return counts[static_cast<std::size_t>(call)]; }

  // SQLITE_OK if the call may be made, otherwise the code it fails with.
  int before(Call call) {
    ++countOf(call);
    if (powerOff) return codeFor(call, Reason::brokenDisk);
    if (!fault || fault->call != call) return SQLITE_OK;
    if (struck) return fault->then == Then::fails ? codeFor(call, fault->reason) : SQLITE_OK;
    if (--fault->nth > 0) return SQLITE_OK;
    struck = true;
    powerOff = fault->then == Then::powerGoes;
    return codeFor(call, fault->reason);
  }

  // keep(size): how many leading bytes of an unsynced write are found. A truncation counts as one byte.
  void restore(const std::function<std::size_t(std::size_t)>& keep) {
    for (auto& [path, file] : files) {
      if (file.removed) continue;
      for (const Change& change : file.unsynced) {
        apply(file.synced, change, keep(std::max<std::size_t>(change.data.size(), 1)));
      }
      std::ofstream(path, std::ios::binary | std::ios::trunc) << asText(file.synced);
    }
    files.clear();
    fault.reset();
    powerOff = false;
  }
};

// The functions SQLite calls. A File is followed in memory by the real layer's own file object.
struct FaultyVfs::Calls {
  struct File {
    sqlite3_file base;
    State* state;
    OnDisk* disk;  // null for a temporary file
  };
  static constexpr std::size_t kFileSize = (sizeof(File) + 15) / 16 * 16;

  static State& stateOf(sqlite3_vfs* vfs) { return *static_cast<State*>(vfs->pAppData); }
  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kFileSize);
  }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* outFlags) {
    State& state = stateOf(vfs);
    file->pMethods = nullptr;  // tells SQLite not to close what was never opened
    if (int code = state.before(Call::open); code != SQLITE_OK) return code;
    int code = state.real->xOpen(state.real, path, real(file), flags, outFlags);
    if (code != SQLITE_OK) return code;
    new (file) File{{methods()}, &state, path == nullptr ? nullptr : diskOf(state, path, real(file))};
    return SQLITE_OK;
  }

  // What is in a file when it is first opened counts as synced.
  static OnDisk* diskOf(State& state, const char* path, sqlite3_file* opened) {
    auto [place, isNew] = state.files.try_emplace(path);
    OnDisk& disk = place->second;
    if (isNew || disk.removed) {
      sqlite3_int64 size = 0;
      opened->pMethods->xFileSize(opened, &size);
      disk = {.synced = Bytes(static_cast<std::size_t>(size))};
      if (size > 0) opened->pMethods->xRead(opened, disk.synced.data(), static_cast<int>(size), 0);
    }
    return &disk;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int syncFolder) {
    State& state = stateOf(vfs);
    if (int code = state.before(Call::remove); code != SQLITE_OK) return code;
    int code = state.real->xDelete(state.real, path, syncFolder);
    auto file = state.files.find(path);
    if (code == SQLITE_OK && file != state.files.end()) file->second.removed = true;
    return code;
  }

  static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    if (int code = of(file).state->before(Call::read); code != SQLITE_OK) return code;
    return real(file)->pMethods->xRead(real(file), out, size, offset);
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    int failed = of(file).state->before(Call::write);
    if (of(file).state->powerOff) return failed;
    if (failed != SQLITE_OK) size /= 2;
    int code = real(file)->pMethods->xWrite(real(file), data, size, offset);
    if (code == SQLITE_OK && of(file).disk != nullptr) {
      ByteView bytes(static_cast<const uint8_t*>(data), static_cast<std::size_t>(size));
      of(file).disk->unsynced.push_back({static_cast<std::size_t>(offset), toBytes(bytes)});
    }
    return failed != SQLITE_OK ? failed : code;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (int code = of(file).state->before(Call::truncate); code != SQLITE_OK) return code;
    int code = real(file)->pMethods->xTruncate(real(file), size);
    if (code == SQLITE_OK && of(file).disk != nullptr) {
      of(file).disk->unsynced.push_back({.offset = static_cast<std::size_t>(size), .data = {}, .truncates = true});
    }
    return code;
  }

  static int sync(sqlite3_file* file, int) {
    State& state = *of(file).state;
    if (int code = state.before(Call::sync); code != SQLITE_OK) {
      bool forgets = state.fault && state.fault->reason == Reason::forgetfulDisk;
      if (forgets && of(file).disk != nullptr) of(file).disk->unsynced.clear();
      return code;
    }
    if (of(file).disk != nullptr) of(file).disk->sync();  // the real disk need not be asked: nothing is tested on it
    return SQLITE_OK;
  }

  static int mapSharedMemory(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    *out = nullptr;
    if (int code = of(file).state->before(Call::sharedMemory); code != SQLITE_OK) return code;
    return real(file)->pMethods->xShmMap(real(file), region, size, extend, out);
  }

  // Locks and sizes pass through always: a connection must be able to close without power.
  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods table = {
        .iVersion = 2,  // no memory-mapped reads, which would pass by
        .xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
        .xRead = read,
        .xWrite = write,
        .xTruncate = truncate,
        .xSync = sync,
        .xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); },
        .xLock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); },
        .xUnlock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); },
        .xCheckReservedLock = [](sqlite3_file* f,
                                 int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
        .xFileControl = [](sqlite3_file* f, int op,
                           void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); },
        .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
        .xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
        .xShmMap = mapSharedMemory,
        .xShmLock = [](sqlite3_file* f, int offset, int n,
                       int flags) { return real(f)->pMethods->xShmLock(real(f), offset, n, flags); },
        .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
        .xShmUnmap = [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
        .xFetch = nullptr,
        .xUnfetch = nullptr,
    };
    return &table;
  }
};

FaultyVfs::FaultyVfs(std::string name): state_(std::make_unique<State>()) {
  State& state = *state_;
  state.name = std::move(name);
  state.real = sqlite3_vfs_find(nullptr);
  state.vfs = *state.real;  // time, randomness and paths are the real layer's
  state.vfs.szOsFile = static_cast<int>(Calls::kFileSize) + state.real->szOsFile;
  state.vfs.pNext = nullptr;
  state.vfs.zName = state.name.c_str();
  state.vfs.pAppData = &state;
  state.vfs.xOpen = Calls::open;
  state.vfs.xDelete = Calls::remove;
  if (sqlite3_vfs_register(&state.vfs, 0) != SQLITE_OK) throw std::runtime_error("cannot register " + state.name);
}

FaultyVfs::~FaultyVfs() { sqlite3_vfs_unregister(&state_->vfs); }

const std::string& FaultyVfs::name() const { return state_->name; }
void FaultyVfs::heal() { state_->fault.reset(); }
bool FaultyVfs::struck() const { return state_->struck; }
uint64_t FaultyVfs::count(Call call) const { return state_->countOf(call); }
void FaultyVfs::cutPower() { state_->powerOff = true; }

void FaultyVfs::fail(Fault fault) {
  state_->fault = fault;
  state_->struck = false;
}

void FaultyVfs::restorePower(Unsynced unsynced) {
  state_->restore([&](std::size_t size) { return unsynced == Unsynced::kept ? size : 0; });
}

void FaultyVfs::restorePower(Random& random) {
  state_->restore([&](std::size_t size) -> std::size_t {
    auto draw = random.bytes<4>();
    if (draw[0] % 3 == 0) return 0;
    if (draw[0] % 3 == 1) return size;
    return (std::size_t{draw[1]} << 16 | std::size_t{draw[2]} << 8 | draw[3]) % (size + 1);
  });
}

}  // namespace qpq::test
