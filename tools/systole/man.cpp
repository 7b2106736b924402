// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The manual page, made of the same texts that --help prints.
#include <iostream>
#include <sstream>

#include "tools/systole/exit.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

// What a verb prints for --help.
std::string help_of(const Verb& verb) {
  std::ostringstream text;
  std::streambuf* screen = std::cout.rdbuf(text.rdbuf());
  verb.run({"--help"});
  std::cout.rdbuf(screen);
  return text.str();
}

// Text as it is, in roff: backslashes doubled, and no line begins with a control character.
std::string verbatim(const std::string& text) {
  std::string out = ".nf\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('.') || line.starts_with('\'')) out += "\\&";
    for (char c : line) out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
    out += '\n';
  }
  return out + ".fi\n";
}

}  // namespace

int run_man(const Arguments& arguments) {
  Options options("man", "man", "Prints the manual page: systole man | man -l -");
  if (!options.parse(arguments)) return options.exit_code;
  std::cout << ".TH SYSTOLE 1 \"\" \"systole " << SYSTOLE_VERSION << "\" \"User Commands\"\n.SH NAME\n"
            << "systole \\- run models on CPUs and on NPUs that need not exist yet\n.SH SYNOPSIS\n.B systole\nVERB "
               "[options]\n"
            << ".SH VERBS\n";
  for (const Verb& verb : verbs()) {
    if (verb.run == run_man) continue;
    std::cout << ".SS " << verb.name << "\n" << verb.summary << ".\n.PP\n" << verbatim(help_of(verb));
  }
  std::cout << ".SH EXIT STATUS\n"
            << verbatim(exit_codes()) << ".SH ENVIRONMENT\n.TP\nSYSTOLE_CONFIGS\n"
            << "A folder whose npu/ holds presets, in place of the installed ones.\n"
            << ".TP\nSYSTOLE_RTL_CACHE\n"
            << "The folder of Verilated libraries; without it $XDG_CACHE_HOME/systole/rtl or ~/.cache/systole/rtl.\n"
            << ".TP\nSYSTOLE_GPU_CACHE\n"
            << "The folder of compiled GPU kernels; without it $XDG_CACHE_HOME/systole/gpu or ~/.cache/systole/gpu.\n";
  return kOk;
}

}  // namespace systole::cli
