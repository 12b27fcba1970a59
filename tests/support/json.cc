#include "support/json.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace qpq::test {

struct Json::Node {
  std::shared_ptr<const nlohmann::json> document;  // keeps the whole document alive
  const nlohmann::json* value;

  std::shared_ptr<const Node> child(const nlohmann::json& part) const {
    return std::make_shared<Node>(Node{document, &part});
  }
};

Json::Json(std::shared_ptr<const Node> node): node_(std::move(node)) {}

Json Json::parse(std::string_view text) {
  auto document = std::make_shared<const nlohmann::json>(nlohmann::json::parse(text));
  return Json(std::make_shared<Node>(Node{document, document.get()}));
}

Json Json::parseFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  auto document = std::make_shared<const nlohmann::json>(nlohmann::json::parse(file));
  return Json(std::make_shared<Node>(Node{document, document.get()}));
}

Json Json::operator[](std::string_view key) const { return Json(node_->child(node_->value->at(std::string(key)))); }
Json Json::at(std::size_t index) const { return Json(node_->child(node_->value->at(index))); }

std::optional<Json> Json::find(std::string_view key) const {
  auto found = node_->value->find(std::string(key));
  if (found == node_->value->end() || found->is_null()) return std::nullopt;
  return Json(node_->child(*found));
}

bool Json::isNull() const { return node_->value->is_null(); }
bool Json::isArray() const { return node_->value->is_array(); }
bool Json::isObject() const { return node_->value->is_object(); }
std::size_t Json::size() const { return node_->value->size(); }

std::vector<Json> Json::items() const {
  std::vector<Json> all;
  for (const auto& item : *node_->value) all.push_back(Json(node_->child(item)));
  return all;
}

std::vector<std::string> Json::keys() const {
  std::vector<std::string> all;
  for (const auto& [key, value] : node_->value->items()) all.push_back(key);
  return all;
}

std::string Json::string() const { return node_->value->get<std::string>(); }
uint64_t Json::number() const { return node_->value->get<uint64_t>(); }
bool Json::boolean() const { return node_->value->get<bool>(); }

Bytes Json::hex() const {
  auto bytes = fromHex(string());
  if (!bytes) throw std::runtime_error("not hex: " + string());
  return *bytes;
}

}  // namespace qpq::test
