// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Networks on ONNX Runtime and on the cpu device, in turns in one run, so that both meet the same machine.
// Usage: see ./run --help.
'use strict';
const {spawnSync} = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const kNetworks = ['mobilenet_v2', 'resnet50', 'efficientnet_b0', 'bert_base', 'vit_b16'];
const kHelp = `Usage: run [options] [NETWORK | FILE.onnx]...
Times networks (default: ${kNetworks.join(', ')}) in f32, batch 1,
on ONNX Runtime and on Systole's cpu device: rounds of both in turns, the same file, warm-ups first.

  --systole FILE      the program (default: build/release, else build/dev)
  --threads LIST      default 1,2
  --rounds N          turns of each (default 4)
  --iterations N      timed runs a turn (default 10)
  --limit RATIO       exit with 1 where Systole's least time is more than this many times ONNX Runtime's
  --json              the table as JSON
`;

function parse(argv) {
  const options = {threads: '1,2', rounds: 4, iterations: 10, networks: []};
  for (let i = 0; i < argv.length; ++i) {
    const name = argv[i].replace(/^--/, '');
    if (argv[i] === '--help') {
      process.stdout.write(kHelp);
      process.exit(0);
    } else if (argv[i] === '--json') {
      options.json = true;
    } else if (['systole', 'threads', 'rounds', 'iterations', 'limit'].includes(name) && argv[i] !== name) {
      if (++i === argv.length) usage(`--${name} needs a value`);
      options[name] = argv[i];
    } else if (argv[i].startsWith('-')) {
      usage(`unknown option '${argv[i]}'`);
    } else {
      options.networks.push(argv[i]);
    }
  }
  for (const name of ['rounds', 'iterations']) {
    options[name] = Number(options[name]);
    if (!(options[name] >= 1)) usage(`--${name}: expected at least 1`);
  }
  return options;
}

function usage(message) {
  process.stderr.write(`compare: ${message}\n${kHelp}`);
  process.exit(2);
}

function systole(program, args) {
  const done = spawnSync(program, args, {encoding: 'utf8', maxBuffer: 1 << 28});
  if (done.error) throw done.error;
  return done;
}

function find_program(given) {
  const root = path.resolve(__dirname, '../../..');
  const places = given ? [given] : ['release', 'dev'].map(p => path.join(root, 'build', p, 'tools/systole/systole'));
  const found = places.find(place => fs.existsSync(place));
  if (!found) usage(`no program at ${places.join(' or ')}; build it, or give --systole`);
  return found;
}

// The file of a network, or null with a line on why it is left out.
function model_file(program, network, folder) {
  if (network.endsWith('.onnx')) return network;
  const file = path.join(folder, network + '.onnx');
  const made = systole(program, ['models', 'make', network, '-o', file]);
  if (made.status === 0) return file;
  process.stderr.write(`compare: ${network} left out: ${made.stderr.trim()}\n`);
  return null;
}

function seeded_feeds(ort, session) {
  const feeds = {};
  for (const input of session.inputMetadata) {
    const shape = input.shape.map(extent => (typeof extent === 'number' ? extent : 1));
    const count = shape.reduce((a, b) => a * b, 1);
    if (input.type === 'int64') {
      const values = BigInt64Array.from({length: count}, (_, i) => BigInt(i % 2));
      feeds[input.name] = new ort.Tensor('int64', values, shape);
    } else {
      feeds[input.name] = new ort.Tensor('float32', Float32Array.from({length: count}, (_, i) => Math.sin(i)), shape);
    }
  }
  return feeds;
}

async function time_ort(session, feeds, iterations) {
  const times = [];
  for (let i = 0; i < 3; ++i) await session.run(feeds);
  for (let i = 0; i < iterations; ++i) {
    const start = process.hrtime.bigint();
    await session.run(feeds);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return times;
}

// One process a turn; its runs are summarised by the program.
function time_systole(program, file, threads, iterations) {
  const done = systole(program, ['bench', file, '--device', `cpu?threads=${threads}`, '-n', String(iterations),
                                 '--warm-up', '3', '--json']);
  if (done.status !== 0) throw new Error(done.stderr.trim());
  const result = JSON.parse(done.stdout);
  return {least: result.min_ns / 1e6, median: result.p50_ns / 1e6};
}

const least = values => Math.min(...values);
const median = values => [...values].sort((a, b) => a - b)[values.length >> 1];

async function compare(ort, program, file, threads, options) {
  const session = await ort.InferenceSession.create(file, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const feeds = seeded_feeds(ort, session), theirs = [], ours = [];
  for (let round = 0; round < options.rounds; ++round) {
    theirs.push(...(await time_ort(session, feeds, options.iterations)));
    ours.push(time_systole(program, file, threads, options.iterations));
  }
  await session.release();
  const row = {
    network: path.basename(file, '.onnx'),
    threads,
    onnxruntime_least_ms: least(theirs),
    onnxruntime_median_ms: median(theirs),
    systole_least_ms: least(ours.map(turn => turn.least)),
    systole_median_ms: median(ours.map(turn => turn.median)),
  };
  row.ratio_of_least = row.systole_least_ms / row.onnxruntime_least_ms;
  row.ratio_of_median = row.systole_median_ms / row.onnxruntime_median_ms;
  return row;
}

function print(rows) {
  const number = value => value.toFixed(2).padStart(9);
  process.stdout.write('network          threads   ONNX Runtime, ms        Systole, ms           ratio\n' +
                       '                           least   median       least   median     least   median\n');
  for (const row of rows) {
    process.stdout.write(`${row.network.padEnd(18)}${String(row.threads).padStart(6)}` +
                         `${number(row.onnxruntime_least_ms)}${number(row.onnxruntime_median_ms)}   ` +
                         `${number(row.systole_least_ms)}${number(row.systole_median_ms)} ` +
                         `${number(row.ratio_of_least)}${number(row.ratio_of_median)}\n`);
  }
}

async function main() {
  const options = parse(process.argv.slice(2)), program = find_program(options.systole);
  const ort = require('onnxruntime-node');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'systole_bench_'));
  const rows = [];
  try {
    for (const network of options.networks.length ? options.networks : kNetworks) {
      const file = model_file(program, network, folder);
      if (!file) continue;
      for (const threads of options.threads.split(',').map(Number))
        rows.push(await compare(ort, program, file, threads, options));
    }
  } finally {
    fs.rmSync(folder, {recursive: true, force: true});
  }
  if (options.json)
    process.stdout.write(JSON.stringify(rows, null, 2) + '\n');
  else
    print(rows);
  const limit = Number(options.limit ?? Infinity);
  process.exit(rows.every(row => row.ratio_of_least <= limit) ? 0 : 1);
}

main().catch(error => {
  process.stderr.write(`compare: ${error.message}\n`);
  process.exit(5);
});
