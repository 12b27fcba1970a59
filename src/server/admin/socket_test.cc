#include "server/admin/socket.h"

#include <kj/io.h>
#include <kj/thread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "server/admin/address.h"
#include "server/admin/client.h"
#include "server/observe/limits.h"
#include "support/scratch_folder.h"

using namespace qpq;
using namespace qpq::server;

namespace {

struct Scene {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  test::ScratchFolder folder;
  std::vector<std::string> asked;

  kj::Own<AdminSocket> open() {
    return kj::heap<AdminSocket>(*io.lowLevelProvider, io.provider->getTimer(), folder.file("."),
                                 [this](std::string request) -> kj::Promise<AdminOutcome> {
                                   asked.push_back(request);
                                   return AdminOutcome{3, "exit is not the end\nyou said " + request + "\n"};
                                 });
  }
  // The blocking client, beside the loop that serves it.
  std::optional<AdminOutcome> ask(const std::string& request) {
    std::optional<AdminOutcome> outcome;
    auto paired = kj::newPromiseAndCrossThreadFulfiller<void>();
    kj::Thread client([&, path = folder.file("."), done = kj::mv(paired.fulfiller)]() mutable {
      outcome = askServer(path, request);
      done->fulfill();
    });
    paired.promise.wait(io.waitScope);
    return outcome;
  }
};

}  // namespace

TEST_CASE("a request is one line, and the answer ends with its exit code") {
  Scene scene;
  CHECK(!scene.ask("status"));
  auto socket = scene.open();
  auto outcome = scene.ask("backup /a b");
  REQUIRE(outcome);
  CHECK(*outcome == AdminOutcome{3, "exit is not the end\nyou said backup /a b\n"});
  CHECK(scene.asked == std::vector<std::string>{"backup /a b"});
}

TEST_CASE("the socket is its owner's alone, replaces a stale one and goes with the server") {
  Scene scene;
  auto path = scene.folder.file("admin.sock");
  {
    AdminAddress address(scene.folder.file("."));
    kj::AutoCloseFd stale(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(stale.get(), address.get(), AdminAddress::size()) == 0);
  }
  REQUIRE(std::filesystem::exists(path));
  auto socket = scene.open();
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(scene.ask("x"));
  CHECK_THROWS_AS(scene.open(), kj::Exception);  // one that answers is not replaced
  CHECK(scene.ask("y"));
  socket = nullptr;
  CHECK(!std::filesystem::exists(path));
}

TEST_CASE("one connection more than the limit is hung up on") {
  Scene scene;
  auto socket = scene.open();
  AdminAddress address(scene.folder.file("."));
  std::vector<kj::AutoCloseFd> idle;
  for (std::size_t i = 0; i < kAdminConnectionsMax; ++i) {
    idle.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(idle.back().get(), address.get(), AdminAddress::size()) == 0);
  }
  auto refused = scene.ask("x");
  CHECK((!refused || refused->exit == 1));
  CHECK(scene.asked.empty());
  idle.pop_back();
  CHECK(scene.ask("y")->exit == 3);
}

TEST_CASE("a line that is too long is not answered") {
  Scene scene;
  auto socket = scene.open();
  CHECK(scene.ask(std::string(kAdminLineMax - 1, 'x'))->exit == 3);
  auto cut = scene.ask(std::string(kAdminLineMax + 4'096, 'x'));
  REQUIRE(cut);
  CHECK(cut->exit == 1);
  CHECK(scene.asked.size() == 1);
}
