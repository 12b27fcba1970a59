#include "mls/message/app_data.h"

#include <algorithm>
#include <functional>

namespace qpq::mls {

const Bytes* AppDataDictionary::find(ComponentId component) const {
  auto found = std::ranges::find(items, component, &ComponentData::componentId);
  return found == items.end() ? nullptr : &found->data;
}

void AppDataDictionary::set(ComponentId component, Bytes data) {
  auto place = std::ranges::lower_bound(items, component, {}, &ComponentData::componentId);
  if (place == items.end() || place->componentId != component) place = items.insert(place, {component, {}});
  place->data = std::move(data);
}

bool AppDataDictionary::erase(ComponentId component) {
  return std::erase_if(items, [&](const ComponentData& item) { return item.componentId == component; }) > 0;
}

Decoded<AppDataDictionary> AppDataDictionary::read(Reader& in) {
  Reader before = in;
  AppDataDictionary dictionary{TRY((qpq::read<List<ComponentData, kComponentsMax>>(in)))};
  auto ascends = [](const ComponentData& a, const ComponentData& b) { return a.componentId < b.componentId; };
  auto disorder = std::ranges::adjacent_find(dictionary.items, std::not_fn(ascends));
  if (disorder != dictionary.items.end()) return before.fail(DecodeError::Code::notSorted);
  return dictionary;
}

}  // namespace qpq::mls
