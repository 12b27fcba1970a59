#pragma once

#include <optional>

#include "mls/limits.h"
#include "mls/message/list.h"
#include "mls/message/tagged.h"
#include "mls/message/types.h"

// draft-ietf-mls-extensions §4: data of applications inside the structures of MLS, each under its component's id.
namespace qpq::mls {

struct ComponentData {
  ComponentId componentId{};
  Bytes data;
  bool operator==(const ComponentData&) const = default;
  static constexpr auto fields() { return std::tuple{&ComponentData::componentId, &ComponentData::data}; }
};

// The content of the extension app_data_dictionary: ascending by id, each id once (notSorted otherwise).
struct AppDataDictionary {
  std::vector<ComponentData> items;
  bool operator==(const AppDataDictionary&) const = default;

  const Bytes* find(ComponentId component) const;  // nullptr if absent
  void set(ComponentId component, Bytes data);
  bool erase(ComponentId component);  // false if it was absent

  template <class W>
  void write(W& out) const {
    qpq::write(out, items);
  }
  static Decoded<AppDataDictionary> read(Reader& in);
};

enum class AppDataOperation : uint8_t { update = 1, remove = 2 };
constexpr bool isKnown(AppDataOperation v) { return v == AppDataOperation::update || v == AppDataOperation::remove; }

struct AppDataNews {
  Bytes update;
  bool operator==(const AppDataNews&) const = default;
  static constexpr auto fields() { return std::tuple{&AppDataNews::update}; }
};

// What an update means is the component's to say; removal takes the entry away.
struct AppDataUpdate {
  ComponentId componentId{};
  Tagged<Case<AppDataOperation::update, AppDataNews>, Case<AppDataOperation::remove, Empty<AppDataOperation::remove>>>
      operation;
  bool operator==(const AppDataUpdate&) const = default;
  static constexpr auto fields() { return std::tuple{&AppDataUpdate::componentId, &AppDataUpdate::operation}; }
};

// Data for the moment of a commit; nothing of the group changes by it.
struct AppEphemeral {
  ComponentId componentId{};
  Bytes data;
  bool operator==(const AppEphemeral&) const = default;
  static constexpr auto fields() { return std::tuple{&AppEphemeral::componentId, &AppEphemeral::data}; }
};

}  // namespace qpq::mls
