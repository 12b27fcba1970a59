#pragma once

#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/codec.h"

namespace qpq::mls {

template <auto tag, class T>
struct Case {
  static constexpr auto kTag = tag;
  using Body = T;
};

// The select() of the presentation language: which body belongs to which tag. Each body stands in one case.
template <class... Cases>
struct Select {
  using Tag = std::remove_cvref_t<decltype((Cases::kTag, ...))>;

  template <class Body>
  static constexpr bool kHas = (std::is_same_v<Body, typename Cases::Body> || ...);

  template <class Body>
  static constexpr Tag tagOf() {
    Tag tag{};
    ((std::is_same_v<Body, typename Cases::Body> ? void(tag = Cases::kTag) : void()), ...);
    return tag;
  }
  template <class Variant>
  static constexpr Tag tag(const Variant& held) {
    return std::visit([]<class Body>(const Body&) { return tagOf<Body>(); }, held);
  }
  static constexpr bool knows(Tag tag) { return ((tag == Cases::kTag) || ...); }

  // Reads the body that `tag` calls for; unknownValue if no case has it.
  template <class Variant>
  static Decoded<Variant> readBody(Reader& in, Tag tag) {
    std::optional<Decoded<Variant>> result;
    ((tag == Cases::kTag ? void(result.emplace(readAs<Variant, typename Cases::Body>(in))) : void()), ...);
    if (!result) return in.fail(DecodeError::Code::unknownValue);
    return *std::move(result);
  }

 private:
  template <class Variant, class Body>
  static Decoded<Variant> readAs(Reader& in) {
    return Variant(TRY(qpq::read<Body>(in)));
  }
};

// A tag and, right behind it, the body it selects.
template <class... Cases>
struct Tagged {
  using Of = Select<Cases...>;
  using Tag = Of::Tag;

  std::variant<typename Cases::Body...> body;

  bool operator==(const Tagged&) const = default;

  Tag type() const { return Of::tag(body); }
  template <class Body>
  const Body* as() const {
    return std::get_if<Body>(&body);
  }

  template <class W>
  void write(W& out) const {
    qpq::write(out, type());
    std::visit([&](const auto& held) { qpq::write(out, held); }, body);
  }
  static Decoded<Tagged> read(Reader& in) {
    Tag tag = TRY(qpq::read<Tag>(in));
    return Tagged{TRY(Of::template readBody<decltype(body)>(in, tag))};
  }
};

// The struct{} of a select(): a case without content. Each case has its own, told apart by the tag.
template <auto tag>
struct Empty {
  bool operator==(const Empty&) const = default;
  template <class W>
  void write(W&) const {}
  static Decoded<Empty> read(Reader&) { return Empty{}; }
};

}  // namespace qpq::mls
