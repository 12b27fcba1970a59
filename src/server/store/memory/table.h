#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace qpq::server::store::memory {

// How to take back what the open transaction has changed.
class Journal {
 public:
  void note(std::move_only_function<void()> undo) { undos_.push_back(std::move(undo)); }
  void forget() { undos_.clear(); }
  void takeBack() {
    for (; !undos_.empty(); undos_.pop_back()) undos_.back()();
  }

 private:
  std::vector<std::move_only_function<void()>> undos_;  // the newest last
};

// Rows by key. A change keeps the row it displaces as it is, so that taking it back needs no memory and cannot fail.
template <class Key, class Row>
class Table {
 public:
  explicit Table(Journal& journal): journal_(journal) {}
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const std::map<Key, Row>& rows() const { return rows_; }
  auto from(const Key& key) const { return rows_.lower_bound(key); }
  const Row* find(const Key& key) const {
    auto found = rows_.find(key);
    return found == rows_.end() ? nullptr : &found->second;
  }

  // In the place of what is there.
  void put(const Key& key, Row row) {
    auto before = rows_.extract(key);
    rows_.emplace(key, std::move(row));
    journal_.note([this, key, before = std::move(before)]() mutable {
      rows_.erase(key);
      if (before) rows_.insert(std::move(before));
    });
  }
  bool erase(const Key& key) {
    auto before = rows_.extract(key);
    if (!before) return false;
    journal_.note([this, before = std::move(before)]() mutable { rows_.insert(std::move(before)); });
    return true;
  }

 private:
  Journal& journal_;
  std::map<Key, Row> rows_;
};

}  // namespace qpq::server::store::memory
