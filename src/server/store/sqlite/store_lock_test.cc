#include "server/store/sqlite/store_lock.h"

#include <catch2/catch_test_macros.hpp>
#include <optional>

#include "support/scratch_folder.h"

namespace qpq::server::store::sqlite {
namespace {

TEST_CASE("a store has one server at a time") {
  test::ScratchFolder folder;
  std::string path = folder.file("qpq.db");
  {
    auto first = StoreLock::take(path);
    REQUIRE(first.has_value());
    auto second = StoreLock::take(path);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error() == path + " is in use by another qpq-server");
    CHECK(StoreLock::take(folder.file("other.db")).has_value());
  }
  CHECK(StoreLock::take(path).has_value());
}

TEST_CASE("a folder that is not there is said") {
  CHECK(StoreLock::take("nowhere/at/all").error().starts_with("nowhere/at/all.lock: "));
}

}  // namespace
}  // namespace qpq::server::store::sqlite
