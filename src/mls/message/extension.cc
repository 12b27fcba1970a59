#include "mls/message/extension.h"

#include <algorithm>

#include "mls/message/list.h"

namespace qpq::mls {

const Extension* Extensions::find(ExtensionType type) const {
  auto found = std::ranges::find(items, type, &Extension::type);
  return found == items.end() ? nullptr : &*found;
}

bool Extensions::hasDuplicate() const {
  std::vector<ExtensionType> types;
  for (const Extension& extension : items) types.push_back(extension.type);
  std::ranges::sort(types);
  return std::ranges::adjacent_find(types) != types.end();
}

Decoded<Extensions> Extensions::read(Reader& in) {
  Reader before = in;
  Extensions extensions{TRY((qpq::read<List<Extension, kExtensionsMax>>(in)))};
  if (extensions.hasDuplicate()) return before.fail(DecodeError::Code::invalid);
  return extensions;
}

}  // namespace qpq::mls
