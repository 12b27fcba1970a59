#include "mls/message/last_resort.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/message/app_data.h"

namespace qpq::mls {
namespace {

TEST_CASE("a last-resort key package says so beside whatever else it says") {
  KeyPackage package;
  CHECK_FALSE(isLastResort(package));
  AppDataDictionary other{{{ComponentId{0x8001}, {1}}}};
  package.extensions.items = {{ExtensionType{0xf0c1}, {7}}, {ExtensionType::appDataDictionary, encode(other)}};
  CHECK_FALSE(isLastResort(package));
  REQUIRE(markLastResort(package.extensions));
  CHECK(isLastResort(package));
  CHECK(toHex(package.extensions.items[1].data) ==
        "07"
        "000400"
        "80010101");
  REQUIRE(markLastResort(package.extensions));
  CHECK(package.extensions.items.size() == 2);

  KeyPackage bare;
  REQUIRE(markLastResort(bare.extensions));
  CHECK(isLastResort(bare));
  CHECK(toHex(bare.extensions.items[0].data) ==
        "03"
        "000400");
}

TEST_CASE("a dictionary that is none marks nothing") {
  KeyPackage package;
  package.extensions.items = {{ExtensionType::appDataDictionary, {9}}};
  CHECK_FALSE(isLastResort(package));
  CHECK_FALSE(markLastResort(package.extensions));
}

}  // namespace
}  // namespace qpq::mls
