#include "wire/bulk.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

TEST_CASE("a bulk verdict is one octet that is known, a ticket sixteen of any kind") {
  for (uint8_t octet : Bytes{1, 2, 3, 4, 5}) CHECK(encode(decode<BulkVerdict>(Bytes{octet}).value()) == Bytes{octet});
  CHECK(encode(BulkVerdict::stored) == Bytes{1});
  CHECK(encode(BulkVerdict::unavailable) == Bytes{5});
  for (uint8_t octet : Bytes{0, 6, 255}) {
    CHECK(decode<BulkVerdict>(Bytes{octet}).error().code == DecodeError::Code::unknownValue);
  }
  CHECK(decode<BulkVerdict>(Bytes{}).error().code == DecodeError::Code::truncated);
  CHECK(encode(BulkTicket{{7}}).size() == 16);
}

}  // namespace
}  // namespace qpq::wire
