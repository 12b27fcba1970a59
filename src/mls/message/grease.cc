#include "mls/message/grease.h"

#include <algorithm>

namespace qpq::mls {
namespace {

// Nothing depends on how even the choice is.
std::size_t below(std::size_t bound, Random& random) { return random.bytes<1>()[0] % bound; }

uint16_t anyValue(Random& random) {
  auto byte = static_cast<uint16_t>(below(15, random) << 4 | 0x0a);
  return static_cast<uint16_t>(byte << 8 | byte);
}

template <class T>
void mix(std::vector<T>& list, Random& random) {
  auto place = static_cast<std::ptrdiff_t>(below(list.size() + 1, random));
  list.insert(list.begin() + place, static_cast<T>(anyValue(random)));
}

template <class T>
void sift(std::vector<T>& list) {
  std::erase_if(list, [](T value) { return isGrease(static_cast<uint16_t>(value)); });
}

}  // namespace

void addGrease(Capabilities& capabilities, Random& random) {
  mix(capabilities.cipherSuites, random);
  mix(capabilities.extensions, random);
  mix(capabilities.proposals, random);
  mix(capabilities.credentials, random);
}

ExtensionType addGrease(Extensions& extensions, Random& random) {
  ExtensionType type{anyValue(random)};
  while (extensions.find(type) != nullptr) type = ExtensionType{anyValue(random)};
  Bytes data(below(16, random));
  random.fill(data);
  extensions.items.push_back({type, std::move(data)});
  return type;
}

Capabilities withoutGrease(Capabilities capabilities) {
  sift(capabilities.cipherSuites);
  sift(capabilities.extensions);
  sift(capabilities.proposals);
  sift(capabilities.credentials);
  return capabilities;
}

}  // namespace qpq::mls
