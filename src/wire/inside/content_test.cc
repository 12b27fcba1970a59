#include "wire/inside/content.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

Content sampleContent() {
  return {.id = sample::entryId(1),
          .newest = {.seq = 41, .head = sample::hash(0x62)},
          .sentMs = 1'700'000'000'000,
          .type = ContentType::text,
          .body = toBytes(asBytes("grüße"))};
}

TEST_CASE("content has its golden bytes") {
  sample::checkGolden(sampleContent(),
                      "e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1"
                      "00000000000000296262626262626262626262626262626262626262626262626262626262626262"
                      "0000018bcfe56800"
                      "0001"
                      "076772c3bcc39f65");
}

TEST_CASE("content belongs to the entry it came in") {
  Bytes data = encode(sampleContent());
  CHECK(parseContent(data, sample::entryId(1)) == sampleContent());
  CHECK(refusal(parseContent(data, sample::entryId(2))) == ErrorCode::otherContentId);
  data.push_back(0);
  CHECK(refusal(parseContent(data, sample::entryId(1))) == ErrorCode::malformed);
}

TEST_CASE("a text is UTF-8; what a type not known here holds is kept as it is") {
  Content content = sampleContent();
  content.body = {'a', 0xff};
  CHECK(refusal(parseContent(encode(content), content.id)) == ErrorCode::notUtf8);
  content.type = ContentType{0x1234};
  CHECK(parseContent(encode(content), content.id) == content);
  content.type = ContentType::text;
  content.body = {};
  CHECK(parseContent(encode(content), content.id) == content);
}

}  // namespace
}  // namespace qpq::wire
