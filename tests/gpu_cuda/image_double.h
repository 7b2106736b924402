// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What nvrtc_double.cpp makes, loaded.
#pragma once

// dlopen() of machine code, which is a shared library of the host's, or of PTX, which is "//" and the same in
// hexadecimal. Null where it is neither.
void* load_image(const char* image);
