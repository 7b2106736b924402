// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/plan/plan_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "graph/plan/graph_json.h"
#include "graph/plan/parse_plan.h"
#include "hal/guard.h"

namespace systole::graph {
namespace {

namespace fs = std::filesystem;

constexpr char kMagic[8] = {'S', 'Y', 'S', 'T', 'P', 'L', 'A', 'N'};
constexpr size_t kAlign = 64, kFixed = 24;  // magic, version, checksum of the header, its bytes
static_assert(std::endian::native == std::endian::little, "the file is little-endian, and written as memory has it");

using Bytes = std::span<const std::byte>;

uint32_t checksum(Bytes bytes) {
  uLong sum = crc32(0, nullptr, 0);
  for (size_t at = 0; at < bytes.size();) {
    const size_t take = std::min<size_t>(bytes.size() - at, 1u << 30);
    sum = crc32(sum, reinterpret_cast<const Bytef*>(bytes.data() + at), static_cast<uInt>(take));
    at += take;
  }
  return static_cast<uint32_t>(sum);
}

size_t padding(size_t at) { return (kAlign - at % kAlign) % kAlign; }

struct Blob {
  int64_t bytes = 0;
  uint32_t crc = 0;
};
template <typename Archive>
void fields(Archive& a, Blob& b) {
  a("bytes", b.bytes), a("crc", b.crc);
}

struct Head {
  std::map<std::string, std::string> facts;
  std::string device, fallback;
  std::vector<Blob> constants, images;
};
template <typename Archive>
void fields(Archive& a, Head& h) {
  a("facts", h.facts), a("device", h.device), a("fallback", h.fallback);
  a("constants", h.constants), a("images", h.images);
}

Status damaged(const std::string& what) { return Status(Code::kDataLoss, "plan file: " + what); }

// Constants first, then images, each at a multiple of 64.
struct Sections {
  std::vector<std::shared_ptr<Buffer>> constants;
  std::vector<std::vector<std::byte>> images;
};

Result<Sections> read_sections(const Head& head, Bytes bytes, size_t at, bool checksums) {
  Sections sections;
  const auto next = [&](const Blob& blob) -> Result<Bytes> {
    at += padding(at);
    if (blob.bytes < 0 || at > bytes.size() || static_cast<uint64_t>(blob.bytes) > bytes.size() - at)
      return damaged("expected " + std::to_string(blob.bytes) + " bytes at " + std::to_string(at) + ", the file has " +
                     std::to_string(bytes.size()));
    const Bytes found = bytes.subspan(at, static_cast<size_t>(blob.bytes));
    at += found.size();
    if (checksums && checksum(found) != blob.crc)
      return damaged("the checksum of the bytes before " + std::to_string(at) + " is wrong");
    return found;
  };
  for (const Blob& blob : head.constants) {
    SYSTOLE_ASSIGN_OR_RETURN(const Bytes found, next(blob));
    SYSTOLE_ASSIGN_OR_RETURN(auto buffer,
                             allocate_host({std::max<int64_t>(blob.bytes, 1), 0, MemoryKind::kConstant, "constant"}));
    if (!found.empty()) {
      SYSTOLE_ASSIGN_OR_RETURN(auto target, buffer->map(0, blob.bytes, MapAccess::kWrite));
      std::memcpy(target.data(), found.data(), found.size());
      buffer->unmap();
    }
    buffer->freeze();
    sections.constants.push_back(std::move(buffer));
  }
  for (const Blob& blob : head.images) {
    SYSTOLE_ASSIGN_OR_RETURN(const Bytes found, next(blob));
    sections.images.emplace_back(found.begin(), found.end());
  }
  if (at != bytes.size()) return damaged(std::to_string(bytes.size() - at) + " bytes behind its end");
  return sections;
}

// The file's bytes while it lives.
class Mapped {
 public:
  ~Mapped() {
    if (data_ != MAP_FAILED) munmap(data_, size_);
  }
  Status open(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info {};
    if (file < 0 || fstat(file, &info) != 0) {
      const Status status(Code::kNotFound, path + ": " + std::strerror(errno));
      if (file >= 0) close(file);
      return status;
    }
    size_ = static_cast<size_t>(info.st_size);
    if (size_ > 0) data_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    return data_ == MAP_FAILED ? damaged(path + ": nothing in it") : Status();
  }
  Bytes bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

 private:
  void* data_ = MAP_FAILED;
  size_t size_ = 0;
};

void put(std::ofstream& out, Bytes bytes) {
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

bool is_plan_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  char magic[sizeof(kMagic)] = {};
  return in.read(magic, sizeof(magic)) && std::memcmp(magic, kMagic, sizeof(magic)) == 0;
}

Result<PlanFile> parse_plan(Bytes bytes, bool checksums) {
  if (bytes.size() < kFixed || std::memcmp(bytes.data(), kMagic, sizeof(kMagic)) != 0)
    return damaged("expected it to begin with 'SYSTPLAN'");
  uint32_t version = 0, crc = 0;
  uint64_t length = 0;
  std::memcpy(&version, bytes.data() + 8, 4);
  std::memcpy(&crc, bytes.data() + 12, 4);
  std::memcpy(&length, bytes.data() + 16, 8);
  if (version != kPlanFileVersion)
    return Status(Code::kUnsupported, "plan file: version " + std::to_string(version) +
                                          ", this program reads version " + std::to_string(kPlanFileVersion) +
                                          ": compile the model again");
  if (length > bytes.size() - kFixed) return damaged("its header of " + std::to_string(length) + " bytes is cut short");
  const Bytes text = bytes.subspan(kFixed, length);
  if (checksums && checksum(text) != crc) return damaged("the checksum of its header is wrong");
  const auto* begin = reinterpret_cast<const char*>(text.data());
  const Json json = Json::parse(begin, begin + text.size(), nullptr, false);
  if (json.is_discarded() || !json.is_object() || !json.contains("head") || !json.contains("graph") ||
      !json.contains("plan"))
    return damaged("its header is no JSON object of head, graph and plan");
  Head head;
  Status status;
  FieldReader reader(json["head"], "head", status);
  if (status.ok()) fields(reader, head);
  SYSTOLE_RETURN_IF_ERROR(status);
  SYSTOLE_ASSIGN_OR_RETURN(Sections sections, read_sections(head, bytes, kFixed + length, checksums));
  PlanFile file;
  file.facts = std::move(head.facts);
  file.device = std::move(head.device);
  file.fallback = std::move(head.fallback);
  file.images = std::move(sections.images);
  SYSTOLE_ASSIGN_OR_RETURN(file.graph, read_graph(json["graph"], sections.constants));
  SYSTOLE_ASSIGN_OR_RETURN(file.plan, read_plan(json["plan"], sections.constants));
  return file;
}

Result<PlanFile> read_plan_file(const std::string& path) {
  return guarded(path, [&]() -> Result<PlanFile> {
    Mapped mapped;
    SYSTOLE_RETURN_IF_ERROR(mapped.open(path));
    auto file = parse_plan(mapped.bytes(), true);
    if (!file.ok()) return Status(file.status().code(), path + ": " + file.status().message());
    return file;
  });
}

Status write_plan_file(const std::string& path, const PlanFile& file) {
  return guarded(path, [&]() -> Status {
    for (const Value& value : file.graph.values)
      if (value.resident)
        return Status(Code::kUnsupported,
                      path + ": '" + value.name + "' stays on its device between runs; no plan file has that");
    ConstantNumbers numbers;
    Json json;
    json["head"] = Json::object();
    json["graph"] = graph_json(file.graph, numbers);
    json["plan"] = plan_json(file.plan, numbers);
    Head head{file.facts, file.device, file.fallback, {}, {}};
    std::vector<Bytes> sections;
    for (const auto& buffer : numbers.buffers()) {
      SYSTOLE_ASSIGN_OR_RETURN(auto mapped, buffer->map(0, buffer->size(), MapAccess::kRead));
      buffer->unmap();  // frozen host memory: its bytes stay where they are
      sections.push_back(mapped);
      head.constants.push_back({buffer->size(), checksum(mapped)});
    }
    for (const auto& image : file.images) {
      sections.push_back(image);
      head.images.push_back({static_cast<int64_t>(image.size()), checksum(image)});
    }
    json["head"] = FieldWriter::value(head);
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);

    const fs::path fresh = path + ".part" + std::to_string(getpid());
    const auto refuse = [&](const std::string& what) {
      const int reason = errno;
      std::error_code ignored;
      fs::remove(fresh, ignored);
      return Status(Code::kUnavailable, what + " " + path + ": " + std::strerror(reason));
    };
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    if (!out) return refuse("cannot write");
    const Bytes header = std::as_bytes(std::span(text));
    const uint32_t version = kPlanFileVersion, crc = checksum(header);
    const uint64_t length = text.size();
    out.write(kMagic, sizeof(kMagic));
    put(out, std::as_bytes(std::span(&version, 1)));
    put(out, std::as_bytes(std::span(&crc, 1)));
    put(out, std::as_bytes(std::span(&length, 1)));
    put(out, header);
    size_t at = kFixed + text.size();
    const std::vector<std::byte> zeros(kAlign);
    for (const Bytes section : sections) {
      put(out, std::span(zeros).first(padding(at)));
      at += padding(at);
      put(out, section);
      at += section.size();
    }
    out.close();
    if (!out) return refuse("cannot write all of");
    std::error_code error;
    fs::rename(fresh, path, error);
    if (error) {
      errno = error.value();
      return refuse("cannot rename to");
    }
    return {};
  });
}

}  // namespace systole::graph
