// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "configs/spec/load.h"
#include "configs/spec/text_file.h"
#include "report/json_text.h"
#include "tools/systole/diff_rtl_text.h"
#include "tools/systole/exit.h"
#include "tools/systole/progress.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;
using namespace differential;

constexpr uint64_t kBefore = 64;  // cycles of a waveform ahead of the divergence

struct Setup {
  std::string npu;
  std::vector<std::string> settings;
  spec::NpuSpec spec;
  std::vector<std::string> names;  // of substrates
  std::unique_ptr<Substrate> model;
  std::vector<std::unique_ptr<Substrate>> others;  // the interpreter first

  Campaign campaign() const {
    std::vector<Substrate*> list;
    for (const auto& other : others) list.push_back(other.get());
    return Campaign(spec, *model, list);
  }
};

Status load_spec(Setup& setup) {
  if (!small_spec(setup.npu, setup.spec)) {
    SYSTOLE_ASSIGN_OR_RETURN(setup.spec, spec::load_npu_spec(setup.npu));
  }
  for (const std::string& assignment : setup.settings)
    SYSTOLE_RETURN_IF_ERROR(spec::apply_override(setup.spec, assignment));
  const std::string why = adapt(setup.spec);
  return why.empty() ? Status() : Status(Code::kUnsupported, setup.npu + ": " + why);
}

Status build(Setup& setup) {
  std::string error;
  setup.model = make_model(setup.spec, true, error);
  if (!setup.model) return Status(Code::kUnsupported, setup.npu + ": " + error);
  for (const char* name : {"interpreter", "rtl"}) {
    if (std::find(setup.names.begin(), setup.names.end(), name) == setup.names.end()) continue;
    if (name == std::string("interpreter")) {
      setup.others.push_back(make_interpreter(setup.spec));
      continue;
    }
    const Progress progress("Verilating " + setup.npu);
    Missing missing{};
    auto rtl = make_rtl(setup.spec, {spec::rtl_directory(), "", false}, missing, error);
    if (missing == Missing::kVerilator)
      return Status(Code::kUnavailable, "diff-rtl: " + error + "; or --substrates model,interpreter");
    if (missing == Missing::kUnsupported) return Status(Code::kUnsupported, "diff-rtl: " + error);
    if (!rtl) return Status(Code::kInternal, "diff-rtl: " + error);
    setup.others.push_back(std::move(rtl));
  }
  return {};
}

Status parse_substrates(const std::string& text, std::vector<std::string>& names) {
  std::istringstream list(text);
  for (std::string name; std::getline(list, name, ',');) {
    if (name != "model" && name != "interpreter" && name != "rtl")
      return Status(Code::kInvalidArgument, "--substrates: expected model, interpreter or rtl, got '" + name + "'");
    names.push_back(name);
  }
  const auto has = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (!has("model") || names.size() < 2)
    return Status(Code::kInvalidArgument, "--substrates: expected model and at least one other, got '" + text + "'");
  return {};
}

// The signals of the RTL around a divergence, in a library that is able to write them.
Status write_waves(const Setup& setup, const Failure& failure, const std::string& file) {
  Missing missing{};
  std::string error;
  const Progress progress("Verilating " + setup.npu + " for waveforms");
  auto rtl = make_rtl(setup.spec, {spec::rtl_directory(), "", true}, missing, error);
  if (!rtl) return Status(missing == Missing::kVerilator ? Code::kUnavailable : Code::kInternal, error);
  const uint64_t cycle = failure.verdict.divergence.cycle;
  rtl->waves(file, cycle > kBefore ? cycle - kBefore : 0);
  rtl->run(failure.program);
  rtl.reset();  // the file is whole
  if (fs::exists(file)) return {};
  return Status(Code::kUnavailable, "no waveform could be written to " + file);
}

Status save(Setup& setup, const std::string& folder, Failure& failure, SavedFiles& files) {
  failure.program.npu = setup.npu, failure.program.settings = setup.settings;
  if (folder.empty()) return {};
  std::error_code error;
  fs::create_directories(folder, error);
  const fs::path path = fs::path(folder) / (setup.spec.name + "-" + std::to_string(failure.seed) + ".program");
  std::ofstream out(path);
  out << "# " << failure.verdict.divergence.text << "\n" << to_text(failure.program);
  if (!out.flush()) return Status(Code::kInvalidArgument, "can't write " + path.string());
  files[failure.seed] = path.string();
  return {};
}

int finish(Setup& setup, const Options& options, Tally& tally, double seconds) {
  SavedFiles files;
  for (Failure& failure : tally.failures)
    if (Status status = save(setup, options.text("save-dir"), failure, files); !status.ok()) return fail(status);
  const std::string waves = options.text("waves");
  if (!waves.empty() && !tally.failures.empty())
    if (Status status = write_waves(setup, tally.failures.front(), waves); !status.ok()) return fail(status);
  end_progress();
  if (options.json()) {
    std::cout << report::json_text(to_json(tally, seconds, files));
  } else {
    for (const Failure& failure : tally.failures) std::cout << describe(failure, files[failure.seed]);
    if (!waves.empty() && !tally.failures.empty()) std::cout << "waveform: " << waves << "\n";
    if (options.has("coverage")) std::cout << coverage_table(tally.coverage);
    std::cout << summary(tally, seconds);
  }
  return tally.failures.empty() ? kOk : kVerificationFailed;
}

int replay(Setup& setup, const Options& options) {
  const std::string file = options.text("replay");
  const auto text = spec::read_text_file(file);
  if (!text.ok()) return fail(text.status());
  Program program;
  std::string error;
  if (!from_text(*text, file, program, error)) return fail(Status(Code::kInvalidArgument, error));
  if (options["npu"].defaulted() && !program.npu.empty()) setup.npu = program.npu, setup.settings = program.settings;
  for (const std::string& assignment : options.list("set")) setup.settings.push_back(assignment);
  if (Status status = load_spec(setup); !status.ok()) return fail(status);
  if (Status status = build(setup); !status.ok()) return fail(status);
  Campaign campaign = setup.campaign();
  const Progress progress("replaying " + file);
  const Verdict verdict = campaign.judge(program);
  if (verdict.kind == Verdict::Kind::kDropped)
    return fail(Status(Code::kInvalidArgument, file + ": can't be compared: " + verdict.reason));
  Tally tally;
  tally.programs = 1, tally.illegal = program.expects_error;
  tally.commands = verdict.commands, tally.cycles = verdict.cycles;
  if (!verdict.error.empty()) tally.errors[verdict.error] = 1;
  tally.coverage.add(program, setup.spec);
  if (verdict.kind == Verdict::Kind::kDiverged) {
    Failure failure{0, program, program.commands.size(), verdict};
    if (options.has("save-dir")) {
      failure.program = campaign.shrink_failure(program, verdict);
      failure.verdict = campaign.judge(failure.program);
    }
    tally.failures.push_back(std::move(failure));
  }
  return finish(setup, options, tally, progress.seconds());
}

int generated(Setup& setup, const Options& options) {
  setup.settings = options.list("set");
  if (Status status = load_spec(setup); !status.ok()) return fail(status);
  if (Status status = build(setup); !status.ok()) return fail(status);
  CampaignOptions what;
  what.seed = options["seed"].as<uint64_t>();
  what.programs = options["programs"].as<uint64_t>();
  what.generator.commands = static_cast<int>(options["commands"].as<uint16_t>());
  what.generator.illegal_percent = static_cast<int>(options["illegal"].as<uint16_t>());
  what.most_failures = options["most-failures"].as<uint16_t>();
  Progress progress("programs");
  what.progress = [&](const Tally& tally) {
    progress.tell("programs: " + std::to_string(tally.programs) + " of " + std::to_string(what.programs) + ", " +
                  std::to_string(tally.failures.size()) + " diverge");
    return true;
  };
  Tally tally = setup.campaign().run(what);
  return finish(setup, options, tally, progress.seconds());
}

}  // namespace

int run_diff_rtl(const Arguments& arguments) {
  Options options(
      "diff-rtl",
      "diff-rtl [--npu 4x4|NAME|FILE.yaml] [--programs N] [--seed S] [--substrates LIST] | diff-rtl --replay FILE",
      "Runs random programs of commands on the SystemC model, on an interpreter of the command set (values only) and\n"
      "on the Verilated RTL, and compares: device memory to the bit (a program's end stores all of the scratchpad and\n"
      "the accumulators that it used), every command's cycles of dispatch, issue, port free and completion, and all\n"
      "registers. Some programs end in an error; all start from a reset. A program that diverges is made as small as "
      "it\n"
      "goes, printed, and with --save-dir written to a file for --replay. Exit code 1: a divergence.\n\n"
      "  systole diff-rtl --programs 20000                      the small built-in NPU (4x4; also 8x8), RTL included\n"
      "  systole diff-rtl --substrates model,interpreter        without Verilator: values alone\n"
      "  systole diff-rtl --npu edge-16x16 --set dma.outstanding=4 --seed 7 --save-dir failures\n"
      "  systole diff-rtl --replay failures/small-4x4-17.program --waves fault.fst");
  options.add()("npu", po::value<std::string>()->default_value("4x4"), "4x4, 8x8, a preset or a file")(
      "set", po::value<std::vector<std::string>>(), "override key=value of the NPU")(
      "programs,n", po::value<uint64_t>()->default_value(1000), "how many")(
      "seed", po::value<uint64_t>()->default_value(1), "of the first one; each next one's is one more")(
      "commands", po::value<uint16_t>()->default_value(24), "about so many in a program, 2 to 60")(
      "illegal", po::value<uint16_t>()->default_value(10), "percent of programs with an error, 0 to 100")(
      "substrates", po::value<std::string>()->default_value("model,interpreter,rtl"), "what to compare")(
      "most-failures", po::value<uint16_t>()->default_value(5), "stop after so many divergences")(
      "replay", po::value<std::string>(), "one program from a file")("save-dir", po::value<std::string>(),
                                                                     "folder for programs that diverge")(
      "waves", po::value<std::string>(), "FST file: the RTL's signals around the first divergence")(
      "coverage", "print the table of (pair of commands, order, hazard)");
  if (!options.parse(arguments)) return options.exit_code;
  if (options["programs"].as<uint64_t>() == 0) return usage_error("--programs: expected 1 or more, got 0", "diff-rtl");
  if (const auto commands = options["commands"].as<uint16_t>(); commands < 2 || commands > 60)
    return usage_error("--commands: expected 2 to 60, got " + std::to_string(commands), "diff-rtl");
  if (const auto percent = options["illegal"].as<uint16_t>(); percent > 100)
    return usage_error("--illegal: expected 0 to 100, got " + std::to_string(percent), "diff-rtl");
  Setup setup;
  setup.npu = options.text("npu");
  if (Status status = parse_substrates(options.text("substrates"), setup.names); !status.ok())
    return usage_error(status.message(), "diff-rtl");
  const bool rtl = std::find(setup.names.begin(), setup.names.end(), "rtl") != setup.names.end();
  if (options.has("waves") && !rtl)
    return usage_error("--waves: only the RTL has waveforms; --substrates lacks rtl", "diff-rtl");
  return options.has("replay") ? replay(setup, options) : generated(setup, options);
}

}  // namespace systole::cli
