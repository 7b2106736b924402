// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The whole of the HAL and its devices. Model files and sessions are apart: graph/import.h, graph/executor.h.
#pragma once

#include "hal/buffer.h"
#include "hal/command_list.h"
#include "hal/device.h"
#include "hal/dtype.h"
#include "hal/op.h"
#include "hal/profile.h"
#include "hal/queue.h"
#include "hal/semaphore.h"
#include "hal/status.h"
#include "hal/tensor.h"
#include "package/devices.h"
