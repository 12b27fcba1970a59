#include "wire/inside/content.h"

#include "wire/inside/file.h"
#include "wire/inside/utf8.h"

namespace qpq::wire {

Result<Content> parseContent(ByteView data, const EntryId& entry) {
  auto content = TRY(decode<Content>(data));
  if (content.id != entry) return fail(ErrorCode::otherContentId);
  if (content.type == ContentType::text && !isUtf8(content.body)) return fail(ErrorCode::notUtf8);
  if (content.type == ContentType::file) TRY(parseFile(content.body));
  return content;
}

}  // namespace qpq::wire
