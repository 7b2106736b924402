// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The command line: the verb is found first, then its own options are parsed strictly.
#include <cstdio>
#include <exception>
#include <iostream>

#include "hal/status.h"
#include "tools/systole/exit.h"
#include "tools/systole/progress.h"
#include "tools/systole/verb.h"

namespace systole::cli {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all = {
      {"run", "run a model on a device; print values' check, cycles, bytes and bounds by layer", run_run},
      {"compile", "compile a model for a device and write it, ready to run", run_compile},
      {"bench", "how fast a model or an op runs: by layer, beside what this machine reaches at best", run_bench},
      {"peaks", "what a device reaches at best, measured: the roofline of 'run' and 'bench'", run_peaks},
      {"llm", "a language model on an NPU: time to the first token and of each after it, memory, bounds", run_llm},
      {"scaling", "a model on an NPU with one core and with several: speedup, traffic, where cycles go", run_scaling},
      {"check", "which ops of a model a device takes, and why not the others", run_check},
      {"diff", "two runs side by side: what was run, totals, layers, outputs", run_diff},
      {"inspect", "what is in a model: inputs, outputs, operators, parameters, multiply-accumulates", run_inspect},
      {"devices", "the devices of this machine, and what is missing for the others", run_devices},
      {"npu", "list, show or validate NPU configurations; their schema", run_npu},
      {"dram", "a trace of requests on a DRAM at bank level: cycles, bandwidth, latency, energy", run_dram},
      {"links", "collectives of several devices on simulated links", run_links},
      {"serve", "a server of a language model under a load: batching policies side by side", run_serve},
      {"validate", "published figures of real accelerators beside what the models of them say", run_validate},
      {"diff-rtl", "random command programs on the RTL, the model and an interpreter: the first divergence",
       run_diff_rtl},
      {"models", "list the built-in networks, or write one as ONNX", run_models},
      {"completion", "a completion script for bash or zsh", run_completion},
      {"man", "the manual page", run_man},
  };
  return all;
}

namespace {

void print_help(std::ostream& out) {
  out << "Usage: systole VERB [options]\n\nRun models on CPUs and on NPUs that need not exist yet.\n\nVerbs:\n";
  for (const Verb& verb : verbs())
    out << "  " << verb.name << std::string(12 - verb.name.size(), ' ') << verb.summary << "\n";
  out << "\nFirst steps:\n"
         "  systole run lenet5 --device npu:edge-16x16             a small network, values and cycles\n"
         "  systole run resnet50 --device npu:datacenter-128x128 --functional off\n"
         "  systole run model.onnx --device npu:my_chip.yaml --verify ref\n"
         "  systole npu show edge-32x32 > my_chip.yaml             start a configuration of your own\n\n"
         "Exit codes: 0 ok, 1 verification failed, 2 usage, 3 bad input, 4 unsupported or not on this machine, 5 "
         "internal.\n"
         "'systole VERB --help' tells more.\n";
}

int dispatch(int argc, char** argv) {
  if (argc < 2) {
    print_help(std::cerr);
    return kUsage;
  }
  const std::string name = argv[1];
  if (name == "--help" || name == "-h" || name == "help") {
    print_help(std::cout);
    return kOk;
  }
  if (name == "--version") {
    std::cout << "systole " << SYSTOLE_VERSION << "\n";
    return kOk;
  }
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    if (verb.name == name) return verb.run(Arguments(argv + 2, argv + argc));
    names.push_back(verb.name);
  }
  const std::string near = nearest_name(name, names.data(), names.size());
  return usage_error("unknown verb '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"), "");
}

}  // namespace
}  // namespace systole::cli

int main(int argc, char** argv) {
  try {
    systole::cli::show_kernel_compilation();
    const int code = systole::cli::dispatch(argc, argv);
    std::cout.flush();
    return std::cout.good()
               ? code
               : systole::cli::fail(systole::Status(systole::Code::kUnavailable, "cannot write standard output"));
  } catch (const std::bad_alloc&) {
    return systole::cli::fail(systole::Status(systole::Code::kOutOfMemory, "this machine has no more memory to give"));
  } catch (const std::exception& error) {
    return systole::cli::fail(systole::Status(systole::Code::kInternal, error.what()));
  }
}
