// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// contract_gen CONTRACT.yaml ROOT: writes every output under ROOT.
#include <fstream>
#include <iostream>
#include <sstream>

#include "tools/contract/contract.h"

int main(int argc, char** argv) {
  using namespace systole::contract_gen;
  if (argc != 3) {
    std::cerr << "usage: contract_gen CONTRACT.yaml ROOT\n";
    return 2;
  }
  std::ifstream in(argv[1]);
  std::stringstream text;
  if (!in || !(text << in.rdbuf())) {
    std::cerr << argv[1] << ": can't be read\n";
    return 3;
  }
  const auto contract = read_contract(text.str(), argv[1]);
  if (!contract.ok()) {
    std::cerr << contract.status().message() << '\n';
    return 3;
  }
  for (const Output& output : write_all(contract.value())) {
    std::ofstream out(std::string(argv[2]) + "/" + output.path);
    if (!(out << output.text) || !out.flush()) {
      std::cerr << output.path << ": can't be written\n";
      return 3;
    }
    std::cout << output.path << '\n';
  }
  return 0;
}
