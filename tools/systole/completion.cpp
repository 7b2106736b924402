// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Shell completion: the scripts ask the program itself for verbs and options, so that they are never out of date.
#include <iostream>

#include "tools/systole/exit.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

// clang-format off
constexpr const char* kBash = R"~(# bash completion for systole: source <(systole completion bash)
_systole() {
  local current=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "$(systole completion words)" -- "$current"))
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$(systole "$verb" --list-options 2>/dev/null)" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _systole systole
)~";

constexpr const char* kZsh = R"~(#compdef systole
# zsh completion for systole: source <(systole completion zsh)
_systole() {
  if ((CURRENT == 2)); then
    compadd -- ${(f)"$(systole completion words)"}
  elif [[ ${words[CURRENT]} == -* ]]; then
    compadd -- ${(f)"$(systole ${words[2]} --list-options 2>/dev/null)"}
  else
    _files
  fi
}
compdef _systole systole
)~";
// clang-format on

}  // namespace

int run_completion(const Arguments& arguments) {
  Options options("completion", "completion bash|zsh",
                  "Prints a completion script for a shell.\n\n"
                  "  echo 'source <(systole completion bash)' >> ~/.bashrc");
  options.positional("shell", true);
  if (!options.parse(arguments)) return options.exit_code;
  const std::string shell = options.text("shell");
  if (shell == "bash") {
    std::cout << kBash;
  } else if (shell == "zsh") {
    std::cout << kZsh;
  } else if (shell == "words") {
    for (const Verb& verb : verbs()) std::cout << verb.name << "\n";
  } else {
    return usage_error("completion: unknown shell '" + shell + "'; bash or zsh", "completion");
  }
  return kOk;
}

}  // namespace systole::cli
