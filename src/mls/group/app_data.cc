#include "mls/group/app_data.h"

#include <algorithm>
#include <map>

namespace qpq::mls {
namespace {

// The updates of one component, in the order of the commit.
struct Changes {
  uint32_t place = 0;  // of the last of them
  bool removed = false;
  std::vector<Bytes> updates;
};
using ChangesByComponent = std::map<ComponentId, Changes>;

Result<ChangesByComponent> changesIn(const ProposalList& proposals) {
  ChangesByComponent all;
  for (uint32_t place = 0; place < proposals.size(); ++place) {
    const auto* data = proposals[place].proposal->as<AppDataUpdate>();
    if (data == nullptr) continue;
    auto [entry, first] = all.try_emplace(data->componentId);
    Changes& changes = entry->second;
    const auto* news = data->operation.as<AppDataNews>();
    if (!first && (changes.removed || news == nullptr)) return fail(ErrorCode::appDataConflict, place);
    changes.place = place;
    changes.removed = news == nullptr;
    if (news != nullptr) changes.updates.push_back(news->update);
  }
  return all;
}

Result<void> apply(AppDataDictionary& dictionary, ComponentId id, const Changes& changes,
                   std::span<const AppComponent> components) {
  if (changes.removed) {
    return dictionary.erase(id) ? Result<void>() : fail(ErrorCode::appDataRefused, changes.place);
  }
  auto component = std::ranges::find(components, id, &AppComponent::id);
  if (component == components.end()) return fail(ErrorCode::unsupportedProposal, changes.place);
  auto data = component->apply(dictionary.find(id), changes.updates);
  if (!data) return fail(ErrorCode::appDataRefused, changes.place);
  dictionary.set(id, *std::move(data));
  return {};
}

}  // namespace

Result<void> checkAppData(const ProposalList& proposals) {
  TRY(changesIn(proposals));
  return {};
}

Result<Extensions> applyAppData(const ProposalList& proposals, Extensions extensions,
                                std::span<const AppComponent> components) {
  ChangesByComponent all = TRY(changesIn(proposals));
  if (all.empty()) return extensions;
  auto at = std::ranges::find(extensions.items, ExtensionType::appDataDictionary, &Extension::type);
  AppDataDictionary dictionary;
  if (at == extensions.items.end()) {
    at = extensions.items.insert(at, {ExtensionType::appDataDictionary, {}});
  } else {
    dictionary = TRY(decode<AppDataDictionary>(at->data));
  }
  for (const auto& [id, changes] : all) TRY(apply(dictionary, id, changes, components));
  at->data = encode(dictionary);
  return extensions;
}

}  // namespace qpq::mls
