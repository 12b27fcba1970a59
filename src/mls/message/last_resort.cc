#include "mls/message/last_resort.h"

#include <algorithm>

#include "mls/message/app_data.h"

namespace qpq::mls {

Decoded<void> markLastResort(Extensions& extensions) {
  auto at = std::ranges::find(extensions.items, ExtensionType::appDataDictionary, &Extension::type);
  AppDataDictionary dictionary;
  if (at != extensions.items.end()) dictionary = TRY(decode<AppDataDictionary>(at->data));
  dictionary.set(ComponentId::lastResortKeyPackage, {});
  if (at == extensions.items.end()) at = extensions.items.insert(at, {ExtensionType::appDataDictionary, {}});
  at->data = encode(dictionary);
  return {};
}

bool isLastResort(const KeyPackage& keyPackage) {
  const Extension* extension = keyPackage.extensions.find(ExtensionType::appDataDictionary);
  if (extension == nullptr) return false;
  auto dictionary = decode<AppDataDictionary>(extension->data);
  return dictionary && dictionary->find(ComponentId::lastResortKeyPackage) != nullptr;
}

}  // namespace qpq::mls
